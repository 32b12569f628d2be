/// Half precision in single-precision numbers.
package enum HalfPrecision {
  /// The nearest number of half precision, ties to even; infinite beyond 65504.
  package static func rounded(_ value: Float) -> Float {
    ElementConversion.half(ElementConversion.halfBits(value))
  }
}
