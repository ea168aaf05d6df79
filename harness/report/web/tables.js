// Tables that sort: a button in each head; up, down, and back to the order of the study.
(function () {
  var RAISED = { "⁻": "-", "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9" };

  // The first number of a text, as these tables write it; null where it begins with none.
  patina.value = function (text) {
    var said = text.trim().replace(/−/g, "-").replace(/\u00a0/g, " ");
    var found = /^[<>+±]?\s*([-+]?(?:\d+\.?\d*|\.\d+))(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/.exec(said);
    if (!found) { return null; }
    var power = (found[2] || "⁰").replace(/./g, function (c) { return RAISED[c]; });
    return Number(found[1] + "e" + power);
  };

  patina.all("table.sortable").forEach(function (table) {
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    var heads = patina.all("thead th", table);
    if (rows.length < 2) { return; }
    heads.forEach(function (head, column) {
      var button = patina.make("button", { type: "button" }, head.textContent);
      head.textContent = "";
      head.appendChild(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", function () {
        var was = head.getAttribute("aria-sort");
        var now = was === "none" ? "ascending" : was === "ascending" ? "descending" : "none";
        heads.forEach(function (one) { one.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", now);
        table.classList.toggle("sorted", now !== "none");
        sorted(rows, column, now).forEach(function (row) { body.appendChild(row); });
      });
    });
  });

  function sorted(rows, column, way) {
    if (way === "none") { return rows; }
    var sign = way === "ascending" ? 1 : -1;
    var keys = rows.map(function (row, at) {
      var text = row.cells[column].textContent.trim();
      return { row: row, at: at, text: text, value: patina.value(text) };
    });
    var told = keys.filter(function (key) { return key.text && key.text !== "–"; });
    var numbers = told.filter(function (key) { return key.value !== null; }).length * 2 >= told.length;
    function missing(key) { return !key.text || key.text === "–" || (numbers && key.value === null); }
    return keys.sort(function (a, b) { // what is missing stands last either way; ties keep their order
      if (missing(a) || missing(b)) { return missing(a) - missing(b) || a.at - b.at; }
      var order = numbers ? a.value - b.value : a.text.localeCompare(b.text, "en", { numeric: true });
      return sign * order || a.at - b.at;
    }).map(function (key) { return key.row; });
  }
})();
