
"use strict";
(function () {
  var language = document.documentElement.lang;
  var collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });

  function value(row, column, kind) {
    var cell = row.cells[column];
    return kind === "number" && cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.trim();
  }

  function sort(table, column, head) {
    var kind = head.dataset.kind;
    var down = head.getAttribute("aria-sort") === "ascending";
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) {
      other.removeAttribute("aria-sort");
    });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var body = table.tBodies[0];
    var rows = Array.prototype.map.call(body.rows, function (row) {
      return { row: row, value: value(row, column, kind) };
    });
    var exact = rows.every(function (one) { return /^-?\d+$/.test(one.value); });
    rows.sort(function (a, b) {
      var order;
      if (exact) {
        var left = BigInt(a.value), right = BigInt(b.value);
        order = left < right ? -1 : left > right ? 1 : 0;
      } else {
        order = collator.compare(a.value, b.value);
      }
      return down ? -order : order;
    });
    rows.forEach(function (one) { body.appendChild(one.row); });
  }

  document.querySelectorAll("table").forEach(function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, column, head); });
    });
  });

  var box = document.querySelector(".search");
  var field = document.getElementById("search");
  var output = box.querySelector("output");
  var found = Array.prototype.map.call(
    document.querySelectorAll("table.searched tbody tr, .finding"),
    function (element) { return { element: element, text: element.textContent.toLocaleLowerCase(language) }; }
  );

  function search() {
    var words = field.value.toLocaleLowerCase(language).split(/\s+/).filter(Boolean);
    var hits = 0;
    found.forEach(function (one) {
      var hit = words.every(function (word) { return one.text.indexOf(word) >= 0; });
      one.element.hidden = !hit;
      hits += hit ? 1 : 0;
    });
    output.textContent = words.length ? hits + " " + output.dataset.word : "";
  }

  box.hidden = false;
  field.addEventListener("input", search);
  if (field.value) { search(); }
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.open = true; });
  });
})();
