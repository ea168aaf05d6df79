// A plot of points with their intervals. Hover, or the arrow keys, choose a point and tell its row.
(function () {
  var SHAPES = [
    "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", "M-3.6,-3.6h7.2v7.2h-7.2z", "M0,-5L5,0L0,5L-5,0z",
    "M0,-4.6L4.6,3.6h-9.2z", "M0,4.6L4.6,-3.6h-9.2z"
  ];
  var COLOURS = 7, HEIGHT = 330, LEFT = 70, RIGHT = 14, TOP = 12;

  function style(series, hollow) { // fill and stroke of a series: colours first, then other shapes
    var colour = "var(--s" + (series % COLOURS) + ")";
    return { d: SHAPES[series % SHAPES.length], fill: hollow ? "var(--paper)" : colour, stroke: colour, "stroke-width": 1.5 };
  }
  patina.keys = function (list, names) { // the legend
    list.textContent = "";
    names.forEach(function (name, at) {
      var item = patina.make("li", {}, null, list), icon = patina.make("svg", { viewBox: "-7 -7 14 14", "aria-hidden": "true" }, null, item);
      patina.make("path", style(at, false), null, icon);
      item.appendChild(document.createTextNode(name));
    });
  };

  function ticks(low, high, log, most) {
    var found = [], x;
    if (log) {
      var first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
      var step = Math.max(1, Math.ceil((last - first) / most)), within = last - first <= 2 ? [1, 2, 5] : [1];
      for (x = first; x <= last; x += step) {
        within.forEach(function (part) { found.push(part * Math.pow(10, x)); });
      }
    } else {
      var rough = (high - low) / most, size = Math.pow(10, Math.floor(Math.log10(rough)));
      var unit = [1, 2, 5, 10].filter(function (part) { return part * size >= rough; })[0] * size;
      for (x = Math.ceil(low / unit); x * unit <= high * (1 + 1e-12) + 1e-300; x += 1) { found.push(Number((x * unit).toPrecision(12))); }
    }
    return found.filter(function (tick) { return tick >= low * (low < 0 ? 1 + 1e-9 : 1 - 1e-9) && tick <= high * (high < 0 ? 1 - 1e-9 : 1 + 1e-9); });
  }
  function told(all) { // ticks in words, with as many decimals as tell them apart
    var least = Math.min.apply(null, all.slice(1).map(function (tick, at) { return Math.abs(tick - all[at]); }));
    var decimals = Math.max(0, -Math.floor(Math.log10(least) + 1e-9));
    return function (tick) {
      var size = Math.abs(tick);
      return isFinite(least) && decimals < 7 && size < 1e6 && (size >= 1e-4 || !size) && tick !== Number(tick.toPrecision(4))
        ? tick.toFixed(decimals).replace("-", "−") : patina.number(tick);
    };
  }
  function range(values, log) { // with a margin on either side
    var low = Math.min.apply(null, values), high = Math.max.apply(null, values);
    if (log) { var by = Math.pow(high / low, 0.05) * (high === low ? 1.5 : 1); return [low / by, high * by]; }
    var room = 0.05 * (high - low) || 0.5 * Math.abs(high) || 1;
    return [low - room, high + room];
  }
  function scale(ends, from, to, log) {
    var f = log ? Math.log : function (x) { return x; };
    return function (x) { return from + (to - from) * (f(x) - f(ends[0])) / (f(ends[1]) - f(ends[0])); };
  }

  // spec: points {x, y, low, high, series, hollow, text, study, cell}, label, xlabel, ylabel,
  // categories (names of x = 0, 1, ...), logx, logy, joined (by their key), here (a line at x).
  patina.plot = function (area, readout, spec) {
    var width = Math.max(300, Math.round(area.clientWidth || 600)), names = spec.categories;
    area.textContent = "";
    if (!spec.points.length) { readout.textContent = "No row has a number here."; return null; }
    var room = (width - LEFT - RIGHT) / (names ? names.length : 1);
    var longest = names ? Math.max.apply(null, names.map(function (name) { return Math.min(name.length, 22); })) : 0;
    var turned = names && longest * 6.5 > room, foot = turned ? 44 + longest * 3.6 : 46;
    var height = HEIGHT + (turned ? foot - 46 : 0), bottom = height - foot;
    var ys = [];
    spec.points.forEach(function (p) {
      [p.y, p.low, p.high].forEach(function (y) { if (y !== undefined && y !== null && (!spec.logy || y > 0)) { ys.push(y); } });
    });
    var xEnds = names ? [-0.5, names.length - 0.5] : range(spec.points.map(function (p) { return p.x; }), spec.logx);
    var yEnds = range(ys, spec.logy);
    var x = scale(xEnds, LEFT, width - RIGHT, !names && spec.logx), y = scale(yEnds, bottom, TOP, spec.logy);
    var svg = patina.make("svg", { viewBox: "0 0 " + width + " " + height, "aria-hidden": "true" }, null, area);
    var yTicks = ticks(yEnds[0], yEnds[1], spec.logy, 6), xTicks = names || ticks(xEnds[0], xEnds[1], spec.logx, Math.max(2, Math.floor(width / 110)));
    var saidY = told(yTicks), saidX = names ? null : told(xTicks);
    yTicks.forEach(function (tick) {
      patina.make("line", { x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick), "class": "grid" }, null, svg);
      patina.make("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end", "class": "tick" }, saidY(tick), svg);
    });
    xTicks.forEach(function (tick, at) {
      var here = x(names ? at : tick), said = names ? (tick.length > 22 ? tick.slice(0, 21) + "…" : tick) : saidX(tick);
      patina.make("line", { x1: here, x2: here, y1: bottom, y2: bottom + 4, "class": "axis" }, null, svg);
      var place = { x: here, y: bottom + 17, "text-anchor": turned ? "end" : "middle", "class": "tick" };
      if (turned) { place.transform = "rotate(-32 " + here + " " + (bottom + 17) + ")"; }
      patina.make("text", place, said, svg);
    });
    patina.make("path", { d: "M" + LEFT + "," + TOP + "V" + bottom + "H" + (width - RIGHT), "class": "axis", fill: "none" }, null, svg);
    patina.make("text", { x: (LEFT + width - RIGHT) / 2, y: height - 6, "text-anchor": "middle" }, spec.xlabel, svg);
    patina.make("text", { transform: "translate(13," + (TOP + bottom) / 2 + ") rotate(-90)", "text-anchor": "middle" }, spec.ylabel, svg);
    if (spec.here !== undefined) { patina.make("line", { x1: x(spec.here), x2: x(spec.here), y1: TOP, y2: bottom, "class": "here" }, null, svg); }

    var drawn = spec.points.filter(function (p) { return !spec.logy || p.y > 0; });
    var most = Math.max.apply(null, drawn.map(function (p) { return p.series; })) + 1;
    drawn.forEach(function (p) { // beside each other within a category, by series and then in turn
      var off = names ? ((p.series + 0.5) / most - 0.5) * 0.7 * room + (p.turn || 0) * Math.min(5, 0.1 * room) : 0;
      p.at = [x(p.x) + off, y(p.y)];
    });
    if (spec.joined) {
      var lines = {};
      drawn.forEach(function (p) { (lines[p.key] = lines[p.key] || []).push(p); });
      Object.keys(lines).forEach(function (key) {
        var path = lines[key].slice().sort(function (a, b) { return a.x - b.x; });
        patina.make("path", { d: "M" + path.map(function (p) { return p.at.join(","); }).join("L"), fill: "none", stroke: style(path[0].series).stroke, opacity: 0.6 }, null, svg);
      });
    }
    drawn.forEach(function (p) {
      var look = style(p.series, p.hollow);
      if (p.low !== undefined && p.low !== null) {
        var low = spec.logy && p.low <= 0 ? bottom : y(p.low);
        patina.make("line", { x1: p.at[0], x2: p.at[0], y1: low, y2: y(p.high), stroke: look.stroke, "stroke-width": 1.5 }, null, svg);
      }
      look.transform = "translate(" + p.at[0].toFixed(2) + "," + p.at[1].toFixed(2) + ")";
      look["class"] = "point";
      p.mark = patina.make("path", look, null, svg);
    });

    var order = drawn.slice().sort(function (a, b) { return a.at[0] - b.at[0] || a.at[1] - b.at[1]; }), chosen = -1;
    function choose(at) {
      if (chosen >= 0) { order[chosen].mark.classList.remove("chosen"); }
      chosen = at;
      if (at < 0) { patina.untip(); return; }
      var p = order[at];
      p.mark.classList.add("chosen");
      patina.tip(p.mark, p.text, p.study, p.cell, function (said) { readout.textContent = said; });
    }
    function nearest(event) {
      var box = svg.getBoundingClientRect(), by = width / box.width, best = -1, least = 24 * 24;
      var px = (event.clientX - box.left) * by, py = (event.clientY - box.top) * by;
      order.forEach(function (p, at) {
        var far = (p.at[0] - px) * (p.at[0] - px) + (p.at[1] - py) * (p.at[1] - py);
        if (far < least) { least = far; best = at; }
      });
      return best;
    }
    area.setAttribute("aria-label", spec.label + ", " + drawn.length + " points; arrow keys go from point to point, Enter to its run");
    area.onpointermove = function (event) { var at = nearest(event); if (at !== chosen) { choose(at); } };
    area.onpointerleave = function () { choose(-1); };
    area.onclick = function (event) { var at = nearest(event); if (at >= 0 && at !== chosen) { choose(at); } };
    area.onblur = function () { choose(-1); };
    area.onkeydown = function (event) {
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], last = order.length - 1;
      if (step) { choose(chosen < 0 ? (step > 0 ? 0 : last) : Math.min(last, Math.max(0, chosen + step))); }
      else if (event.key === "Home") { choose(0); }
      else if (event.key === "End") { choose(last); }
      else if (event.key === "Enter" && chosen >= 0) { location.hash = "cell-" + encodeURIComponent(order[chosen].study) + "-" + encodeURIComponent(order[chosen].cell); }
      else { return; }
      event.preventDefault();
    };
    return order;
  };

  patina.whenSeen = function (box, draw) { // once, as the box comes near the screen, and when its width changes
    var wide = 0, frame = 0, waiting = new IntersectionObserver(function (entries) {
      if (!entries.some(function (one) { return one.isIntersecting; })) { return; }
      waiting.disconnect();
      draw().then(function (again) {
        wide = box.clientWidth;
        box.dataset.drawn = "yes";
        new ResizeObserver(function () { // in the next frame: what is drawn here changes sizes that are being told
          cancelAnimationFrame(frame);
          frame = requestAnimationFrame(function () {
            if (Math.abs(box.clientWidth - wide) > 8) { wide = box.clientWidth; again(); }
          });
        }).observe(box);
      });
    }, { rootMargin: "300px" });
    waiting.observe(box);
  };
})();
