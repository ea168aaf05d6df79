// What every part of the page uses: elements, numbers, the packed data, the run behind a cell.
var patina = { studies: {} };
(function () {
  var SVG = "http://www.w3.org/2000/svg", kept = {};
  document.documentElement.classList.add("scripted");

  patina.make = function (name, attributes, text, parent) {
    var drawn = /^(svg|g|path|line|text|rect)$/.test(name);
    var made = drawn ? document.createElementNS(SVG, name) : document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined && text !== null) { made.textContent = text; }
    if (parent) { parent.appendChild(made); }
    return made;
  };
  patina.all = function (selector, of) { return Array.prototype.slice.call((of || document).querySelectorAll(selector)); };

  patina.number = function (x) { // four digits and a true minus, as the tables have it
    if (x === null || x === undefined) { return "–"; }
    var size = Math.abs(x), text;
    if (size && (size < 1e-4 || size >= 1e6)) {
      var parts = x.toExponential(3).split("e");
      var raised = String(Number(parts[1])).replace(/./g, function (c) { return c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]; });
      text = String(Number(parts[0])) + "×10" + raised;
    } else { text = String(Number(x.toPrecision(4))); }
    return text.replace(/-/g, "−");
  };

  patina.unpack = function (id) { // JSON, gzip, base64: read once, when it is first asked for
    if (!kept[id]) {
      var bytes = Uint8Array.from(atob(document.getElementById(id).textContent), function (c) { return c.charCodeAt(0); });
      kept[id] = new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
    }
    return kept[id];
  };

  // The run behind a cell, in words: its state, the key of each stage, the commit; its factors too
  // where nothing else says them.
  patina.origin = function (study, cell, brief) {
    return Promise.all([patina.unpack("packed"), patina.unpack("points")]).then(function (both) {
      var row = (both[0][study] || []).filter(function (one) { return one[0] === cell; })[0];
      if (!row) { return "cell " + cell + ": no run is recorded"; }
      var shared = (both[1][study] || {}).shared || {}, keys = [], commits = {};
      row[4].split("\n").forEach(function (line) {
        var at = line.indexOf(" {");
        if (at < 0 || line.indexOf("configuration ") === 0) { return; }
        var stage = JSON.parse(line.slice(at + 1)), commit = stage.commit || shared.commit;
        keys.push(line.slice(0, at) + " " + (stage.key || "without a key"));
        if (commit) { commits[commit] = true; }
      });
      return [
        "cell " + (brief ? [row[0], row[2], row[3]] : row.slice(0, 4)).join(" · "),
        keys.length ? "run: " + keys.join(", ") : row[4],
        "commit " + (Object.keys(commits).join(", ") || "not recorded")
      ].join("\n");
    });
  };

  // The one tip of the page: what is said at once, and then the run behind it.
  var tip = patina.make("div", { id: "tip", role: "tooltip", hidden: "" }, "", document.body), asked = 0;
  patina.tip = function (near, text, study, cell, after) {
    var own = ++asked;
    function place(said) {
      if (own !== asked) { return; }
      var box = near.getBoundingClientRect();
      tip.textContent = said;
      tip.hidden = false;
      var left = Math.min(box.left + box.width / 2 + 10, document.documentElement.clientWidth - tip.offsetWidth - 8);
      var below = box.bottom + 8 + tip.offsetHeight <= window.innerHeight || box.top < tip.offsetHeight + 8;
      tip.style.left = Math.max(4, left) + window.scrollX + "px";
      tip.style.top = (below ? box.bottom + 8 : box.top - tip.offsetHeight - 8) + window.scrollY + "px";
      if (after) { after(said); }
    }
    place(text || "…");
    if (cell) { patina.origin(study, cell, Boolean(text)).then(function (origin) { place((text ? text + "\n" : "") + origin); }); }
  };
  patina.untip = function () { asked += 1; tip.hidden = true; };
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { patina.untip(); } });

  function link(event) { // a cell that a table or a grid names
    var at = event.target.closest && event.target.closest("a.cell-link");
    if (!at) { return null; }
    var study = patina.all("[data-study]").map(function (one) { return one.dataset.study; })
      .filter(function (name) { return at.hash.indexOf("#cell-" + encodeURIComponent(name) + "-") === 0; })
      .sort(function (a, b) { return b.length - a.length; })[0];
    return study && [at, study, decodeURIComponent(at.hash.slice(7 + encodeURIComponent(study).length))];
  }
  ["mouseover", "focusin"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var found = link(event);
      if (found) { patina.tip(found[0], "", found[1], found[2]); }
    });
  });
  ["mouseout", "focusout"].forEach(function (kind) {
    document.addEventListener(kind, function (event) { if (link(event)) { patina.untip(); } });
  });
})();
