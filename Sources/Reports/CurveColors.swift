/// The colours of a page and its curves, for light and dark surroundings.
/// Chosen to stay apart for the colour-blind (blue against vermilion) and to
/// keep text at a contrast of 4.5 or more.
package struct CurveColors {
  package let background: String
  package let panel: String
  package let ink: String
  package let muted: String
  package let rule: String
  package let faint: String
  package let curve: String
  package let truth: String
  package let key: String
  package let keyInk: String

  package static let light = CurveColors(
    background: "#f6f7f8", panel: "#ffffff", ink: "#1b1e23", muted: "#5a626e", rule: "#dfe2e6",
    faint: "#eef0f2", curve: "#1659b7", truth: "#d4501a", key: "#3d4450", keyInk: "#ffffff")
  package static let dark = CurveColors(
    background: "#101317", panel: "#181c22", ink: "#e8eaed", muted: "#9ea7b3", rule: "#2e353f",
    faint: "#222831", curve: "#74b2ff", truth: "#ff8d57", key: "#c9d0da", keyInk: "#14181d")

  /// The colours as custom properties.
  var properties: String {
    "--bg:\(background);--panel:\(panel);--ink:\(ink);--muted:\(muted);--rule:\(rule);"
      + "--faint:\(faint);--curve:\(curve);--truth:\(truth);--key:\(key);--key-ink:\(keyInk)"
  }

  /// The rules that draw a curve's classes in these colours. Written out, not
  /// through custom properties: viewers of lone SVG files often know none.
  package var rules: String {
    """
    .label{font:11px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:\(muted)}
    .grid{stroke:\(rule);stroke-width:1}.axis{stroke:\(muted);stroke-width:1}
    .area{fill:\(curve);fill-opacity:.13}
    .curve{fill:none;stroke:\(curve);stroke-width:2;stroke-linejoin:round}
    .curve.dense{stroke-width:1.1}
    .threshold{stroke:\(muted);stroke-width:1;stroke-dasharray:5 4}
    .truth-band{fill:\(truth);fill-opacity:.16}.truth-bar{fill:\(truth)}.detected-bar{fill:\(curve)}
    .lane{fill:\(faint)}
    .stem{stroke:\(key);stroke-width:1;stroke-dasharray:1 3}
    .pin-head{fill:\(key)}.pin-dot{fill:\(panel);stroke:\(key);stroke-width:2}
    .pin-number{font:600 11px system-ui,"Segoe UI",Roboto,Arial,sans-serif;fill:\(keyInk)}
    .title{font:600 17px system-ui,"Segoe UI",Roboto,Arial,sans-serif;fill:\(ink)}
    .surface{fill:\(panel)}
    """
  }
}
