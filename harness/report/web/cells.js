// From a number to its run: the cells of each study, their search, and the way of an address.
(function () {
  var box = document.getElementById("search"), found = document.getElementById("found");
  var studies = patina.all(".study");
  function fill(study) { // the cells of one study, where they are not there yet
    return patina.unpack("packed").then(function (runs) {
      if (study.dataset.filled) { return; }
      study.dataset.filled = "yes";
      var name = study.dataset.name;
      runs[name].forEach(function (cell) { // id, factors, state, seconds, details
        var made = patina.make("details", { "class": "made", id: "cell-" + name + "-" + cell[0] }, null, study);
        var line = patina.make("summary", {}, null, made);
        patina.make("span", { "class": "id" }, cell[0], line);
        line.appendChild(document.createTextNode(" " + cell.slice(1, 4).join(" · ")));
        patina.make("pre", {}, cell[4], made);
      });
    });
  }
  studies.forEach(function (study) { study.addEventListener("toggle", function () { fill(study); }); });
  box.addEventListener("input", function () {
    Promise.all(studies.map(fill)).then(function () {
      var words = box.value.toLowerCase().split(/\s+/).filter(Boolean), count = 0, cells = patina.all(".made");
      cells.forEach(function (cell) {
        var text = cell.textContent.toLowerCase();
        var shown = words.every(function (word) { return text.indexOf(word) >= 0; });
        cell.style.display = shown ? "" : "none";
        count += shown;
      });
      studies.forEach(function (study) { study.open = words.length > 0; });
      found.textContent = words.length ? count + " of " + cells.length : "";
    });
  });
  function reveal() {
    var parts = location.hash.slice(1).split("?"), asked = decodeURIComponent(parts[0]);
    if (patina.filters[asked] && parts.length > 1) { patina.filters[asked](parts.slice(1).join("?")); }
    var study = studies.filter(function (one) { return asked.indexOf("cell-" + one.dataset.name + "-") === 0; })
      .sort(function (a, b) { return b.dataset.name.length - a.dataset.name.length; })[0];
    if (study && !study.dataset.filled) { fill(study).then(reveal); return; }
    var target = document.getElementById(asked);
    for (var node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") { node.open = true; }
      node.hidden = false;
    }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  if (location.hash) { reveal(); }
  window.addEventListener("beforeprint", function () {
    patina.all("#ledger > .entry, #ledger > .entry > details").forEach(function (one) { one.open = true; });
  });
})();
