// A law along one parameter: its exact value, what is printed, and whether that is void. Every
// number is a row of the records: the slider goes from point to point of the grid that was computed.
(function () {
  var MAIN = ["exact", "printed"];

  patina.all(".view.law").forEach(function (view) {
    patina.whenSeen(view, function () {
      return patina.unpack("points").then(function (packs) { return build(view, packs[view.dataset.study]); });
    });
  });

  function build(view, pack) {
    var study = view.dataset.study, find = function (name) { return view.querySelector("[name=" + name + "]"); };
    var law = find("law"), along = find("along"), curve = find("curve"), slider = find("point"), log = find("log");
    var area = view.querySelector(".area"), readout = view.querySelector(".readout"), keys = view.querySelector(".keys");
    var states = view.querySelector(".states"), values = view.querySelector(".values tbody"), now = view.querySelector(".now");
    var place = {}, of = {};
    pack.factors.forEach(function (factor, at) { place[factor[0]] = at; });
    pack.metrics.forEach(function (metric, at) {
      pack.rows[at].forEach(function (row) { (of[row[0]] = of[row[0]] || {})[metric[0]] = [metric, row]; });
    });
    function level(cell, at) { return pack.cells[cell][at + 1]; }
    function name(at, index) { return pack.factors[at][1][index]; }

    pack.factors[place.law][1].forEach(function (one, at) { patina.make("option", { value: at }, one, law); });
    law.addEventListener("input", parameters);
    along.addEventListener("input", curvesOf);
    curve.addEventListener("input", points);
    slider.addEventListener("input", draw);
    log.addEventListener("input", draw);
    var cells, path;

    function parameters() { // what the law can be followed along: numbers with three levels or more
      cells = pack.cells.map(function (_, at) { return at; }).filter(function (at) { return String(level(at, place.law)) === law.value; });
      var found = [];
      pack.factors.forEach(function (factor, at) {
        if (at === place.law) { return; }
        var seen = {};
        cells.forEach(function (cell) { if (level(cell, at) !== null) { seen[level(cell, at)] = true; } });
        var names = Object.keys(seen).map(function (index) { return name(at, index); });
        if (names.length > 2 && names.every(function (one) { return isFinite(Number(one)); })) { found.push([at, names.length]); }
      });
      found.sort(function (a, b) { return b[1] - a[1]; });
      along.textContent = "";
      found.forEach(function (one) { patina.make("option", { value: one[0] }, pack.factors[one[0]][0], along); });
      if (!found.length) { patina.make("option", { value: "" }, "the points in their order", along); }
      var told = pack.laws[pack.factors[place.law][1][law.value]], isVoid = cells.filter(function (cell) { return of[cell] && of[cell]["void"] && of[cell]["void"][1][1]; }).length;
      states.textContent = (told ? told[0] + " (" + told[1] + ")." + (told[2] === null ? "" : " A bound says something below " + patina.number(told[2]) + ".") + " " : "") +
        "Void at " + isVoid + " of its " + cells.length + " points here.";
      curvesOf();
    }
    function curvesOf() { // the points that differ in nothing but the parameter
      var groups = {}, order = [];
      cells.forEach(function (cell) {
        var key = along.value === "" ? "all points" : pack.factors.map(function (factor, at) {
          return at === place.law || String(at) === along.value || level(cell, at) === null ? "" : factor[0] + " " + name(at, level(cell, at));
        }).filter(Boolean).join(", ") || "its only curve";
        if (along.value !== "" && level(cell, Number(along.value)) === null) { return; }
        if (!groups[key]) { groups[key] = []; order.push(key); }
        groups[key].push(cell);
      });
      order.sort(function (a, b) { return groups[b].length - groups[a].length; });
      curve.textContent = "";
      order.forEach(function (key) {
        var option = patina.make("option", { value: groups[key].join() }, key + " (" + groups[key].length + ")", curve);
        option.title = key;
      });
      points();
    }
    function points() {
      path = curve.value.split(",").map(Number);
      if (along.value !== "") { path.sort(function (a, b) { return x(a) - x(b); }); }
      slider.max = path.length - 1;
      slider.value = Math.floor((path.length - 1) / 2);
      var exact = path.map(function (cell) { return of[cell].exact ? of[cell].exact[1][1] : null; }).filter(function (y) { return y !== null; });
      log.checked = Math.min.apply(null, exact) > 0 && Math.max.apply(null, exact) > 20 * Math.min.apply(null, exact);
      draw();
    }
    function x(cell) { return along.value === "" ? path.indexOf(cell) + 1 : Number(name(Number(along.value), level(cell, Number(along.value)))); }

    function draw() {
      var here = path[Number(slider.value)], drawn = [], label = along.value === "" ? "point" : pack.factors[along.value][0];
      var shown = MAIN.concat(pack.metrics.map(function (one) { return one[0]; }).filter(function (one) {
        return MAIN.indexOf(one) < 0 && one !== "void" && one.indexOf("/") < 0 && of[here] && of[here][one] && of[here].exact &&
          of[here][one][1][5] === of[here].exact[1][5]; // in the same unit
      })).slice(0, 7);
      path.forEach(function (cell) {
        shown.forEach(function (one, series) {
          var found = of[cell] && of[cell][one];
          if (!found || found[1][1] === null) { return; }
          var row = found[1], half = row[2] === null ? null : 1.96 * row[2], nothing = of[cell]["void"] && of[cell]["void"][1][1] > 0;
          drawn.push({
            x: x(cell), y: row[1], low: half === null ? null : row[1] - half, high: half === null ? null : row[1] + half, series: series, key: one,
            hollow: one === "printed" && nothing, study: study, cell: pack.cells[cell][0],
            text: patina.told(pack, found[0], row) + (nothing ? "\nvoid here: what is printed says nothing, or no more than is trivial" : "")
          });
        });
      });
      var positive = drawn.length > 0 && drawn.every(function (p) { return p.y > 0; });
      log.disabled = !positive;
      var unit = of[here] && of[here].exact ? patina.unit(pack, of[here].exact[1]).trim() : "";
      readout.textContent = "Point at a row to read it. Hollow: void.";
      patina.plot(area, readout, {
        points: drawn, label: pack.factors[place.law][1][law.value], xlabel: label, ylabel: unit || "value", here: x(here),
        logx: along.value !== "" && path.every(function (cell) { return x(cell) > 0; }), logy: log.checked && positive, joined: true
      });
      patina.keys(keys, shown.map(function (one) { return one.replace(/_/g, " "); }));
      var nothing = of[here]["void"] ? (of[here]["void"][1][1] > 0 ? "Void here: what is printed says nothing, or no more than is trivial." : "Not void here.") : "No row says whether it is void.";
      slider.setAttribute("aria-valuetext", label + " " + patina.number(x(here)));
      now.textContent = label + " = " + patina.number(x(here)) + ". " + nothing;
      values.textContent = "";
      Object.keys(of[here]).filter(function (one) { return one !== "void"; }).sort(function (a, b) {
        function rank(one) { var at = MAIN.indexOf(one); return at < 0 ? 9 : at; }
        return rank(a) - rank(b);
      }).forEach(function (one) {
        var row = of[here][one][1], line = patina.make("tr", {}, null, values);
        patina.make("td", { "class": "label" }, of[here][one][0][1], line);
        patina.make("td", {}, patina.number(row[1]) + (row[2] === null ? "" : " ± " + patina.number(row[2])), line);
        patina.make("td", { "class": "label" }, patina.unit(pack, row).trim() || "–", line);
        var cell = patina.make("td", {}, null, line);
        patina.make("a", { "class": "cell-link", href: "#cell-" + encodeURIComponent(study) + "-" + encodeURIComponent(pack.cells[here][0]) }, pack.cells[here][0].slice(0, 8), cell);
      });
    }
    parameters();
    return draw;
  }
})();
