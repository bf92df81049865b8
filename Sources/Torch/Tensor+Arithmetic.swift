extension Tensor {
  /// Elementwise sum, broadcast.
  public static func + (a: Tensor, b: Tensor) -> Tensor { Aten.add(a, b) }
  /// Adds a number to every element.
  public static func + (a: Tensor, b: Double) -> Tensor { Aten.addScalar(a, b) }
  /// Elementwise difference, broadcast.
  public static func - (a: Tensor, b: Tensor) -> Tensor { Aten.sub(a, b) }
  /// Subtracts a number from every element.
  public static func - (a: Tensor, b: Double) -> Tensor { Aten.subScalar(a, b) }
  /// Subtracts every element from a number.
  public static func - (a: Double, b: Tensor) -> Tensor { Aten.rsub(b, a) }
  /// Elementwise product, broadcast.
  public static func * (a: Tensor, b: Tensor) -> Tensor { Aten.mul(a, b) }
  /// Multiplies every element by a number.
  public static func * (a: Tensor, b: Double) -> Tensor { Aten.mulScalar(a, b) }
  /// Multiplies every element by a number.
  public static func * (a: Double, b: Tensor) -> Tensor { Aten.mulScalar(b, a) }
  /// Elementwise quotient, broadcast.
  public static func / (a: Tensor, b: Tensor) -> Tensor { Aten.div(a, b) }
  /// Divides every element by a number.
  public static func / (a: Tensor, b: Double) -> Tensor { Aten.divScalar(a, b) }
  /// Changes the sign of every element.
  public static prefix func - (a: Tensor) -> Tensor { Aten.neg(a) }

  /// Every element to a power.
  public func pow(_ exponent: Double) -> Tensor { Aten.pow(self, exponent) }
  /// The square root of every element.
  public func sqrt() -> Tensor { Aten.sqrt(self) }
  /// e to the power of every element.
  public func exp() -> Tensor { Aten.exp(self) }
  /// The natural logarithm of every element.
  public func log() -> Tensor { Aten.log(self) }
  /// The hyperbolic tangent of every element.
  public func tanh() -> Tensor { Aten.tanh(self) }
  /// The logistic function of every element.
  public func sigmoid() -> Tensor { Aten.sigmoid(self) }
  /// The absolute value of every element.
  public func abs() -> Tensor { Aten.abs(self) }
  /// The sine of every element.
  public func sin() -> Tensor { Aten.sin(self) }
  /// The cosine of every element.
  public func cos() -> Tensor { Aten.cos(self) }
  /// The inverse error function of every element.
  public func erfinv() -> Tensor { Aten.erfinv(self) }
  /// Elements below `min` become `min`, those above `max` become `max`.
  public func clamped(min: Double? = nil, max: Double? = nil) -> Tensor { Aten.clamp(self, min, max) }
  /// The Gaussian error linear unit, with the exact error function (Hendrycks and Gimpel 2016).
  public func gelu() -> Tensor { Aten.gelu(self) }
  /// A bool for every element: neither infinite nor NaN.
  public func isFinite() -> Tensor { Aten.isfinite(self) }
  /// `self + weight (end - self)`, elementwise.
  public func lerp(_ end: Tensor, weight: Double) -> Tensor { Aten.lerp(self, end, weight) }

  /// Moves this tensor towards `end` by the fraction `weight` of each element, broadcast.
  @discardableResult
  public func lerp_(_ end: Tensor, weight: Tensor) -> Tensor { Aten.lerpInPlace(self, end, weight) }
  /// Adds `alpha * other` to this tensor.
  @discardableResult
  public func add_(_ other: Tensor, alpha: Double = 1) -> Tensor { Aten.addInPlace(self, other, alpha) }
  /// Adds a number to every element of this tensor.
  @discardableResult
  public func add_(_ value: Double) -> Tensor { Aten.addScalarInPlace(self, value) }
  /// Multiplies this tensor by another, elementwise.
  @discardableResult
  public func mul_(_ other: Tensor) -> Tensor { Aten.mulInPlace(self, other) }
  /// Multiplies every element of this tensor by a number.
  @discardableResult
  public func mul_(_ factor: Double) -> Tensor { Aten.mulScalarInPlace(self, factor) }
  /// Divides this tensor by another, elementwise.
  @discardableResult
  public func div_(_ other: Tensor) -> Tensor { Aten.divInPlace(self, other) }
  /// Sets every element to zero.
  @discardableResult
  public func zero_() -> Tensor { Aten.zeroInPlace(self) }
  /// Sets every element to a number.
  @discardableResult
  public func fill_(_ value: Double) -> Tensor { Aten.fillInPlace(self, value) }
  /// Limits every element of this tensor.
  @discardableResult
  public func clamp_(min: Double? = nil, max: Double? = nil) -> Tensor { Aten.clampInPlace(self, min, max) }
  /// Fills this tensor with uniform values of [low, high).
  @discardableResult
  public func uniform_(_ low: Double = 0, _ high: Double = 1, generator: Generator? = nil) -> Tensor {
    Aten.uniformInPlace(self, low, high, generator)
  }
  /// Fills this tensor with normal values.
  @discardableResult
  public func normal_(mean: Double = 0, std: Double = 1, generator: Generator? = nil) -> Tensor {
    Aten.normalInPlace(self, mean, std, generator)
  }
  /// Replaces every element by its inverse error function.
  @discardableResult
  public func erfinv_() -> Tensor { Aten.erfinvInPlace(self) }
}

/// Operators over several tensors in one call, such as the buffers of a model's parameters.
public enum TensorLists {
  /// Moves `tensors[i]` towards `ends[i]` by the fraction `weight`.
  public static func lerp(_ tensors: [Tensor], towards ends: [Tensor], weight: Double) {
    Aten.foreachLerp.void(tensors, ends, weight)
  }

  /// Overwrites `tensors[i]` with `sources[i]`.
  public static func copy(_ sources: [Tensor], to tensors: [Tensor]) { Aten.foreachCopy.void(tensors, sources) }
}
