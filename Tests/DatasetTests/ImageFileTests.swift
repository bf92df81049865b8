import Augment
import DataTestSupport
import Foundation
import Testing

@testable import Dataset

struct ImageFileTests {
  @Test(.timeLimit(.minutes(1))) func aPipeIsWrittenTo() throws {
    let scratch = try ScratchFolder()
    let pipe = scratch.path.appending("pipe.png")
    #expect(pipe.withCString { mkfifo($0, 0o600) } == 0)
    let image = LoaderFixture.image(1, width: 200, height: 150)
    let writer = try WorkerThread { try? ImageFile.write(image, to: pipe) }
    let received = try FileHandle(forReadingFrom: URL(fileURLWithPath: pipe.description)).readToEnd() ?? Data()
    writer.join()
    #expect(try ImageDecoder().decode([UInt8](received)) == image)
    var status = stat()
    #expect(pipe.withCString { lstat($0, &status) } == 0)
    #expect(status.st_mode & S_IFMT == S_IFIFO)
  }
}
