/// The parts of a model that learn with a multiple of the learning rate:
/// `label_prompt=0.1,temporal=2`.
package struct RateFactors: Sendable {
  /// What stands for no factor at all.
  package static let none = "none"

  private var factors: [(prefix: String, factor: Double)] = []

  /// - Throws: `DetectorError.badConfiguration` where the text is not of its form.
  package init(_ text: String) throws {
    guard text != Self.none else { return }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty, let factor = Double(sides[1]), factor >= 0,
        factor.isFinite, !factors.contains(where: { $0.prefix == sides[0] })
      else {
        throw DetectorError.badConfiguration(
          key: "rateFactors", found: text,
          expected: "none, or name=x,... with each name once and 0 or more as x")
      }
      factors.append((String(sides[0]), factor))
    }
  }

  /// The factor of each parameter: that of the longest name that it begins with, in whole parts
  /// between dots, else 1.
  ///
  /// - Throws: `DetectorError.badConfiguration` where a name begins no parameter.
  package func factors(of parameters: [String]) throws -> [Double] {
    func begins(_ name: String, _ prefix: String) -> Bool {
      name == prefix || name.hasPrefix(prefix + ".")
    }
    for (prefix, _) in factors where !parameters.contains(where: { begins($0, prefix) }) {
      var heads: [String] = []
      for name in parameters {
        let head = name.prefix { $0 != "." }
        if !heads.contains(String(head)) { heads.append(String(head)) }
      }
      throw DetectorError.badConfiguration(
        key: "rateFactors", found: prefix,
        expected: "the beginning of a parameter's name, of \(heads.joined(separator: ", "))")
    }
    return parameters.map { name in
      factors.filter { begins(name, $0.prefix) }
        .max { $0.prefix.count < $1.prefix.count }?.factor ?? 1
    }
  }
}
