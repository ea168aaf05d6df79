// Filters of the ledger of claims and of the systems. The address keeps them: #claims?verdict=void.
(function () {
  patina.filters = {};
  patina.all("form.filter").forEach(function (form) {
    var name = form.dataset.of, entries = patina.all("#" + form.dataset.list + " > .entry");
    var count = document.getElementById(form.dataset.count), total = entries.length;
    var texts = entries.map(function (one) { return one.textContent.toLowerCase(); });
    var fields = Array.prototype.slice.call(form.elements).filter(function (one) { return one.name; });

    function asked() { // the filters that are set, by name
      var found = {};
      fields.forEach(function (field) {
        if (field.type === "checkbox") {
          if (field.checked) { found[field.name] = (found[field.name] || []).concat(field.value); }
        } else if (field.value.trim()) { found[field.name] = [field.value.trim()]; }
      });
      return found;
    }
    function fits(entry, text, filters, without) {
      return Object.keys(filters).every(function (key) {
        if (key === without) { return true; }
        if (key === "text") {
          return filters.text[0].toLowerCase().split(/\s+/).every(function (word) { return text.indexOf(word) >= 0; });
        }
        return filters[key].indexOf(entry.dataset[key] || "") >= 0;
      });
    }
    function apply() {
      var filters = asked(), shown = 0;
      entries.forEach(function (entry, at) {
        entry.hidden = !fits(entry, texts[at], filters, null);
        shown += !entry.hidden;
      });
      count.textContent = shown === total ? "All " + total + " " + form.dataset.noun + "." : shown + " of " + total + " " + form.dataset.noun + ".";
      // Beside each tick and option: how many there are under the other filters.
      patina.all("[data-value]", form).forEach(function (one) {
        var key = one.dataset.key;
        one.textContent = entries.filter(function (entry, at) {
          return (entry.dataset[key] || "") === one.dataset.value && fits(entry, texts[at], filters, key);
        }).length;
      });
    }
    function keep() {
      var filters = asked(), parts = [];
      Object.keys(filters).forEach(function (key) {
        filters[key].forEach(function (value) { parts.push(encodeURIComponent(key) + "=" + encodeURIComponent(value)); });
      });
      history.replaceState(null, "", "#" + name + (parts.length ? "?" + parts.join("&") : ""));
    }
    function changed() { apply(); keep(); }
    form.addEventListener("input", changed);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(changed, 0); });

    patina.filters[name] = function (query) { // set the filters as an address has them
      var wanted = new URLSearchParams(query);
      fields.forEach(function (field) {
        if (field.type === "checkbox") { field.checked = wanted.getAll(field.name).indexOf(field.value) >= 0; }
        else { field.value = wanted.get(field.name) || ""; }
      });
      apply();
    };
    apply();
  });
})();
