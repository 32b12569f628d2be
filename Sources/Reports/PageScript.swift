import Foundation
import Records

/// The page's only script: a readout under the pointer, another order of the
/// videos, and open cards on paper. The page is complete without it.
enum PageScript {
  /// How the content policy names the script: nothing else may run.
  static var policyHash: String {
    let digits = Array(ContentHash.of(Data(source.utf8)))
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    return "'sha256-" + Data(bytes).base64EncodedString() + "'"
  }

  static let source = """
    (function () {
      "use strict";
      document.documentElement.classList.add("scripted");
      function clock(seconds) {
        var tenths = Math.round(seconds * 10), whole = Math.floor(tenths / 10);
        var two = function (n) { return (n < 10 ? "0" : "") + n; };
        var hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60);
        return (hours ? hours + ":" + two(minutes % 60) : minutes) + ":" + two(whole % 60) +
          "." + tenths % 10;
      }
      document.querySelectorAll(".curve-box").forEach(function (box) {
        var steps = null, cursor = null, readout = null;
        box.addEventListener("pointermove", function (event) {
          steps = steps || box.dataset.steps.split(",").map(function (step) {
            return step.split(" ").map(Number);
          });
          if (!cursor) {
            cursor = box.appendChild(document.createElement("div"));
            cursor.className = "cursor";
            readout = box.appendChild(document.createElement("div"));
            readout.className = "readout";
          }
          var bounds = box.getBoundingClientRect();
          var part = Math.min(1, Math.max(0, (event.clientX - bounds.left) / bounds.width));
          var seconds = part * Number(box.dataset.duration);
          var step = steps.find(function (s) { return s[0] <= seconds && seconds < s[1]; });
          cursor.style.left = readout.style.left = 100 * part + "%";
          readout.textContent = clock(seconds) + "  score " + (step ? step[2].toFixed(3) : "none");
          cursor.hidden = readout.hidden = false;
        });
        box.addEventListener("pointerleave", function () {
          if (cursor) { cursor.hidden = readout.hidden = true; }
        });
      });
      var sorter = document.querySelector(".sorter select");
      if (sorter) {
        sorter.addEventListener("change", function () {
          var key = sorter.value, list = document.querySelector(".cards");
          var cards = Array.from(list.children);
          var number = function (card, name) { return Number(card.dataset[name]); };
          var text = function (a, b, name) {
            return a.dataset[name].localeCompare(b.dataset[name], "en", { numeric: true });
          };
          cards.sort(function (a, b) {
            var byPeak = number(b, "peak") - number(a, "peak");
            if (key === "peak") { return byPeak || text(a, b, "name"); }
            if (key === "class") { return text(a, b, "class") || byPeak; }
            if (key === "auc") { return number(a, "auc") - number(b, "auc") || byPeak; }
            if (key === "name") { return text(a, b, "name"); }
            return number(a, "given") - number(b, "given");
          });
          cards.forEach(function (card) { list.appendChild(card); });
        });
      }
      window.addEventListener("beforeprint", function () {
        document.querySelectorAll("details").forEach(function (card) { card.open = true; });
      });
    })();
    """
}
