import Foundation
import Records

/// The HTML document that the pages of this room share: one self-contained file. Styles,
/// curves and pictures are inside, and nothing is fetched. Its content policy allows no
/// script except `PageScript`.
struct HTMLPage {
  /// Plain text.
  let title: String
  /// Escaped facts under the headline.
  let facts: [String]
  /// HTML under the facts, inside the masthead.
  let masthead: String
  /// HTML of the main column.
  let content: String
  var hasScript = true
  /// Rules of this page alone.
  var style = ""

  var html: String {
    let policy = hasScript ? "script-src \(PageScript.policyHash); " : ""
    let script = hasScript ? "\n<script>\(PageScript.source)</script>" : ""
    let escapedTitle = HTMLText.escapedLine(title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'; \(policy)base-uri 'none'; form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="kess">
      <title>\(escapedTitle)</title>
      <link rel="icon" href="data:,">
      <style>
      \(PageStyle.sheet)\(style)
      </style>
      </head>
      <body>
      <header class="masthead"><div>
      <p class="eyebrow">Video anomaly detection</p>
      <h1>\(escapedTitle)</h1>
      <p class="meta">\(facts.joined(separator: " · "))</p>
      \(masthead)
      </div></header>
      <main>
      \(content)
      <footer>Written by kess. This file is complete in itself and fetches nothing.</footer>
      </main>\(script)
      </body>
      </html>

      """
  }

  /// A time as a fact, such as `2026-11-21 10:03 UTC`.
  static func stamp(_ date: Date) -> String {
    let style = Date.ISO8601FormatStyle(timeZone: .gmt)
    return "\(date.formatted(style).prefix(16).replacing("T", with: " ")) UTC"
  }

  /// Remarks as a list; empty without any.
  static func list(_ lines: [String], kind: String) -> String {
    lines.isEmpty
      ? ""
      : "<ul class=\"\(kind)\">"
        + lines.map { "<li>\(HTMLText.escapedLine($0))</li>" }.joined() + "</ul>"
  }
}

/// The only script of a page: a readout under the pointer, other orders of the videos,
/// and open cards on paper. The page is complete without it.
enum PageScript {
  /// The script's name in the content policy, which allows no other script.
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
      function stepsOf(path) {
        var steps = [], x = 0, y = 0, found;
        var parts = /([Mhv])(-?[\\d.]+)(?: (-?[\\d.]+))?/g, data = path.getAttribute("d");
        while ((found = parts.exec(data))) {
          var value = Number(found[2]);
          if (found[1] === "M") { x = value; y = Number(found[3]); }
          if (found[1] === "v") { y += value; }
          if (found[1] === "h") { steps.push([x, x + value, 1 - y / 100]); x += value; }
        }
        return steps;
      }
      function at(steps, place) {
        var step = steps.find(function (s) { return s[0] <= place && place < s[1]; });
        return step ? step[2].toFixed(3) : "none";
      }
      document.querySelectorAll(".curve-box").forEach(function (box) {
        var steps = null, cursor = null, readout = null, curves = null;
        var several = box.classList.contains("models");
        box.addEventListener("pointermove", function (event) {
          if (several) {
            curves = curves || Array.from(box.querySelectorAll(".series")).reverse().map(
              function (path) { return { path: path, steps: stepsOf(path) }; });
          } else {
            steps = steps || box.dataset.steps.split(",").map(function (step) {
              return step.split(" ").map(Number);
            });
          }
          if (!cursor) {
            cursor = box.appendChild(document.createElement("div"));
            cursor.className = "cursor";
            readout = box.appendChild(document.createElement("div"));
            readout.className = "readout";
          }
          var bounds = box.getBoundingClientRect();
          var part = Math.min(1, Math.max(0, (event.clientX - bounds.left) / bounds.width));
          var seconds = part * Number(box.dataset.duration);
          cursor.style.left = readout.style.left = 100 * part + "%";
          if (several) {
            readout.textContent = clock(seconds);
            curves.forEach(function (curve) {
              var colors = getComputedStyle(curve.path);
              if (colors.display === "none") { return; }
              var value = readout.appendChild(document.createElement("span"));
              value.style.borderColor = colors.stroke;
              value.textContent = at(curve.steps, 1000 * part);
            });
          } else {
            readout.textContent = clock(seconds) + "  score " + at(steps, seconds);
          }
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
            if (key === "rank") { return number(b, "rank") - number(a, "rank"); }
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
