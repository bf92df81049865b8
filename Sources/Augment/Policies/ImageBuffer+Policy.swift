extension ImageBuffer {
  /// The image after a step of a policy; `fill` goes where a moved image shows nothing.
  public func applying(_ step: PolicyStep, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)) -> ImageBuffer {
    let filter = step.interpolation
    switch step.operation {
    case .identity: return self
    case .autoContrast: return autoContrast()
    case .equalize: return equalized()
    case .invert: return inverted()
    case .grayscale: return grayscale()
    case .posterize(let bits): return posterized(bits: bits)
    case .solarize(let threshold): return solarized(threshold: Int(threshold.rounded(.up)))
    case .solarizeAdd(let addition, let threshold): return solarizedAdd(addition, threshold: threshold)
    case .color(let factor): return color(factor)
    case .contrast(let factor): return contrast(factor)
    case .brightness(let factor): return brightness(factor)
    case .sharpness(let factor): return sharpness(factor)
    case .hue(let amount): return hueShifted(by: amount)
    case .gaussianBlur(let radius): return gaussianBlurred(radius: radius)
    case .shearX(let factor): return sheared(x: factor, interpolation: filter, fill: fill)
    case .shearY(let factor): return sheared(y: factor, interpolation: filter, fill: fill)
    case .translateX(let pixels): return translated(x: pixels, interpolation: filter, fill: fill)
    case .translateY(let pixels): return translated(y: pixels, interpolation: filter, fill: fill)
    case .rotate(let degrees): return rotated(degrees: degrees, interpolation: filter, fill: fill)
    }
  }

  /// The image after steps that follow each other.
  public func applying(_ steps: [PolicyStep], fill: (UInt8, UInt8, UInt8) = (0, 0, 0)) -> ImageBuffer {
    steps.reduce(self) { $0.applying($1, fill: fill) }
  }
}
