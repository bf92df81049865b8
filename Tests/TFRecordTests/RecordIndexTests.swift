import Foundation
import Testing

@testable import TFRecord

@Suite struct RecordIndexTests {
  private func index(_ text: String, _ fileSize: Int) -> RecordIndex? {
    RecordIndex(Array(text.utf8), fileSize: fileSize)
  }

  @Test func whatIsWrittenIsRead() throws {
    let file = try RecordFile(path: TFRecordFixtures.path("framing.tfrecord"))
    let index = try file.scan()
    #expect((0..<index.count).map { index[$0].count } == [16, 17, 31, 32, 271, 1016])
    #expect(String(decoding: index.text, as: UTF8.self).hasPrefix("0 16\n16 17\n33 31\n64 32\n"))
    #expect(RecordIndex(index.text, fileSize: file.size) == index)
    #expect(RecordIndex(sizes: [16, 17, 31, 32, 271, 1016]) == index)
  }

  @Test func harmlessDifferencesAreTaken() {
    let plain = index("0 20\n20 30\n", 50)
    #expect(plain?.count == 2)
    for text in ["0 20\n20 30", "0 20\r\n20 30\r\n", "0\t20\n\n20  30 \n", "00 020\n20 30\n"] {
      #expect(index(text, 50) == plain, "\(text)")
    }
    #expect(index("", 0)?.count == 0)
  }

  @Test(arguments: [
    "", "0 20\n", "0 20\n20 31\n", "0 20\n20 29\n", "0 20\n21 29\n", "0 20\n19 31\n", "20 30\n0 20\n", "0 50\n0 50\n",
    "0 20\n20 30\n50 0\n", "0 20\n20 15\n35 15\n", "0 20 20 30\n", "0\n20\n", "0 20\n20 30\nx", "0 -20\n", "0 2e1\n",
    "0 99999999999999999999999\n", "99999999999999999999999 1\n", "0 9223372036854775807\n", "0 20\n20",
    "0 20\0\n20 30\n",
  ]) func whatDoesNotFitIsRefused(text: String) { #expect(index(text, 50) == nil) }

  @Test func anyBytesAreTakenOrRefused() {
    var random = TFRecordFixtures.Numbers(state: 3)
    let sound = Array("0 20\n20 30\n50 16\n66 34\n".utf8)
    let alphabet = Array("0123456789 \n\r\t-x".utf8) + [0, 255]
    var numTaken = 0
    for _ in 0..<50_000 {
      var text = sound
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        text[Int.random(in: text.indices, using: &random)] = alphabet.randomElement(using: &random)!
      }
      guard let index = RecordIndex(text, fileSize: 100) else { continue }
      numTaken += 1
      #expect(index.fileSize == 100)
      for record in 0..<index.count { #expect(index[record].count >= 16 && index[record].upperBound <= 100) }
    }
    #expect(numTaken > 1000)
  }
}
