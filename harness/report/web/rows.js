// The rows of a study, as points: which metric, what along x, what by colour, at which levels.
(function () {
  var LEVEL = "\u0000level"; // along the number in the metric's own name

  patina.interval = function (pack, row) { // half the width of the 95 % interval of a mean; null: none
    return row[2] === null || row[3] < 2 ? null : row[2] * pack.t[row[3]];
  };
  patina.unit = function (pack, row) { var unit = pack.units[row[5]]; return unit === "1" ? "" : " " + unit; };
  patina.factors = function (pack, cell) { // of a cell, in words
    return pack.factors.map(function (factor, at) {
      return cell[at + 1] === null ? "" : factor[0] + " " + factor[1][cell[at + 1]];
    }).filter(Boolean).join(", ");
  };
  patina.told = function (pack, metric, row) { // a row in words, as its tip says it
    var half = patina.interval(pack, row), n = patina.number, unit = patina.unit(pack, row), lines = [];
    var said = metric[1] + " = " + n(row[1]) + unit;
    if (half !== null) { said += " [95 %: " + n(row[1] - half) + " to " + n(row[1] + half) + "]"; }
    else if (row[2] !== null) { said += " ± " + n(row[2]) + " (standard error)"; }
    else { said += row[3] > 1 ? ", the same in every replicate" : ", one number: no interval"; }
    lines.push(said);
    lines.push((row[4] === 1 ? "n = 1" : "n = " + row[3] + " of " + row[4] + " replicates") + (unit ? ", unit" + unit : ", no unit") +
      (metric[2] > 0 ? ", higher is better" : metric[2] < 0 ? ", lower is better" : ""));
    if (row[6]) { lines.push("each: " + row[6].map(n).join(", ")); }
    if (row[7]) { lines.push("without a number: " + row[7]); }
    lines.push(patina.factors(pack, pack.cells[row[0]]));
    return lines.join("\n");
  };

  function options(select, pairs, value) {
    select.textContent = "";
    pairs.forEach(function (pair) { patina.make("option", { value: pair[0] }, pair[1], select); });
    if (value !== undefined) { select.value = value; }
  }
  function numeric(levels) { return levels.every(function (level) { return level !== "" && isFinite(Number(level)); }); }
  function families(pack) { // metrics that differ in a number behind their slash: name -> places
    var found = {};
    pack.metrics.forEach(function (metric, at) {
      var cut = metric[0].lastIndexOf("/");
      if (cut > 0 && numeric([metric[0].slice(cut + 1)])) { (found[metric[0].slice(0, cut)] = found[metric[0].slice(0, cut)] || []).push(at); }
    });
    Object.keys(found).forEach(function (name) { if (found[name].length < 3) { delete found[name]; } });
    return found;
  }

  patina.all(".view.rows").forEach(function (view) {
    patina.whenSeen(view, function () {
      return patina.unpack("points").then(function (packs) { return build(view, packs[view.dataset.study]); });
    });
  });

  function build(view, pack) {
    var study = view.dataset.study, find = function (name) { return view.querySelector("[name=" + name + "]"); };
    var metric = find("metric"), along = find("along"), colour = find("colour"), log = find("log");
    var area = view.querySelector(".area"), readout = view.querySelector(".readout"), keys = view.querySelector(".keys");
    var where = view.querySelector(".where-levels"), curves = families(pack), inCurves = {}, chosen = {};
    var varied = pack.factors.map(function (factor, at) { return [String(at), factor[0]]; })
      .filter(function (pair) { return pack.factors[pair[0]][1].length > 1; });
    Object.keys(curves).forEach(function (name) { curves[name].forEach(function (at) { inCurves[at] = true; }); });
    options(metric, Object.keys(curves).map(function (name) {
      var shown = pack.metrics[curves[name][0]][1];
      return ["curve:" + name, shown.slice(0, shown.lastIndexOf("/")) + ", as a curve (" + curves[name].length + " levels)"];
    }).concat(pack.metrics.map(function (one, at) { return [String(at), one[1]]; })), String(pack.first));
    options(along, varied.length ? varied : [["", "every cell"]], varied.length ? widest(pack, varied) : "");
    var other = varied.filter(function (pair) { return pair[0] !== along.value; });
    options(colour, [["", "nothing"]].concat(varied), other.length ? other[0][0] : "");
    varied.forEach(function (pair) { // at which levels: all, or one of a factor
      var label = patina.make("label", {}, "only " + pair[1] + " ", where), select = patina.make("select", { "data-at": pair[0] }, null, label);
      options(select, [["", "all"]].concat(pack.factors[pair[0]][1].map(function (level, at) { return [String(at), level]; })), "");
      select.addEventListener("input", function () { chosen[pair[0]] = select.value; draw(); });
    });
    [metric, along, colour, log].forEach(function (one) { one.addEventListener("input", draw); });

    function draw() {
      var curve = metric.value.indexOf("curve:") === 0 ? curves[metric.value.slice(6)] : null;
      var at = along.value, by = colour.value, lost = 0, points = [], turns = {}, factor = at === "" ? null : pack.factors[at];
      var levels = by === "" ? [""] : pack.factors[by][1].concat("–"), places = factor ? factor[1].concat("–") : [""];
      (curve || [Number(metric.value)]).forEach(function (place) {
        var one = pack.metrics[place];
        pack.rows[place].forEach(function (row) {
          var cell = pack.cells[row[0]];
          function level(of) { // a cell that has not the factor stands at a level of its own, the last
            var own = of === "" ? 0 : cell[Number(of) + 1];
            return own === null ? pack.factors[of][1].length : own;
          }
          var kept = Object.keys(chosen).every(function (key) { return chosen[key] === "" || String(level(key)) === chosen[key]; });
          if (!kept) { return; }
          if (row[1] === null) { lost += 1; return; }
          var half = patina.interval(pack, row), x = curve ? Number(one[0].slice(one[0].lastIndexOf("/") + 1)) : level(at);
          var turn = [x, level(by)].join(); // several cells at one place stand beside each other
          turns[turn] = (turns[turn] || 0) + 1;
          points.push({
            x: x, y: row[1], low: half === null ? null : row[1] - half, high: half === null ? null : row[1] + half, series: level(by),
            turn: curve ? 0 : turns[turn] - 1, key: row[0], text: patina.told(pack, one, row), study: study, cell: cell[0]
          });
        });
      });
      var positive = points.length > 0 && points.every(function (p) { return p.y > 0; });
      log.disabled = !positive;
      along.closest("label").hidden = Boolean(curve);
      var first = pack.metrics[curve ? curve[0] : Number(metric.value)];
      var named = curve ? first[1].slice(0, first[1].lastIndexOf("/")) : first[1];
      var row = pack.rows[curve ? curve[0] : Number(metric.value)][0], unit = row ? patina.unit(pack, row).trim() : "";
      var wide = factor && !curve && numeric(factor[1]) && factor[1].length > 4 && points.every(function (p) { return p.x < factor[1].length; });
      if (wide) { points.forEach(function (p) { p.x = Number(factor[1][p.x]); }); }
      function used(names, which) { return points.some(function (p) { return p[which] === names.length - 1; }) ? names : names.slice(0, -1); }
      if (by !== "") { levels = used(levels, "series"); }
      if (factor && !curve && !wide) { places = used(places, "x"); }
      var logx = (curve || wide) && points.every(function (p) { return p.x > 0; });
      readout.textContent = (lost ? lost + " rows have no number and are not drawn: the notes of the table say why. " : "") + "Point at a row to read it.";
      patina.plot(area, readout, {
        points: points, label: named, ylabel: named + (unit ? " (" + unit + ")" : ""), xlabel: curve ? "level in the metric's name" : factor ? factor[0] : "",
        categories: curve || wide ? null : places, logx: logx, logy: log.checked && positive, joined: Boolean(curve)
      });
      patina.keys(keys, by === "" ? [] : levels);
    }
    draw();
    return draw;
  }
  function widest(pack, varied) { // an arm, or what has the most levels that fit side by side, words before numbers
    var arm = varied.filter(function (pair) { return pair[1] === "arm"; })[0];
    if (arm) { return arm[0]; }
    return varied.slice().sort(function (a, b) {
      function fits(pair) { var those = pack.factors[pair[0]][1]; return (those.length > 24 ? 1 : those.length) + (numeric(those) ? 0 : 100); }
      return fits(b) - fits(a);
    })[0][0];
  }
})();
