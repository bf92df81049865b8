// Where the training and validation images of a folder lie: ImageNet's layout (train/CLASS, validation/CLASS) or
// only classes (CLASS/..., to be split on the fly).

/// The folders of one image set.
public struct ImageFolderLayout: Sendable, Hashable {
  /// The names under which validation images are looked for, in this order.
  public static let validationNames = ["validation", "val", "test"]

  /// The folder whose folders are the classes to train on.
  public let train: BytePath
  /// The folder with the classes to validate on; nil where the training images have to be split.
  public let validation: BytePath?

  /// Finds the layout of a folder. A folder called `train` counts as the training part only where it holds folders
  /// itself, so that a class of trains stays a class. Throws an `ImageFolderError`.
  public static func find(_ folder: BytePath) throws -> ImageFolderLayout {
    guard FileTree.folderIdentity(folder) != nil else { throw ImageFolderError.notAFolder(folder.description) }
    let train = folder.appending("train")
    let validation = try validationFolder(in: folder)
    if try holdsFolders(train) { return ImageFolderLayout(train: train, validation: validation) }
    if validation != nil { throw ImageFolderError.noTrainingFolder(folder.description) }
    return ImageFolderLayout(train: folder, validation: nil)
  }

  /// The folder whose folders are the classes to evaluate on: the validation part where there is one, else the folder
  /// itself. Throws an `ImageFolderError`.
  public static func findEvaluation(_ folder: BytePath) throws -> BytePath {
    guard FileTree.folderIdentity(folder) != nil else { throw ImageFolderError.notAFolder(folder.description) }
    return try validationFolder(in: folder) ?? folder
  }

  private static func validationFolder(in folder: BytePath) throws -> BytePath? {
    try evaluationFolders(in: folder).first
  }

  /// All folders inside of a folder whose names are those of validation images and that hold folders themselves.
  static func evaluationFolders(in folder: BytePath) throws -> [BytePath] {
    try validationNames.map { folder.appending(BytePath($0)) }.filter { try holdsFolders($0) }
  }

  private static func holdsFolders(_ folder: BytePath) throws -> Bool {
    guard FileTree.folderIdentity(folder) != nil else { return false }
    return try ImageFolder.list(folder).contains { if case .folder = $0.kind { true } else { false } }
  }
}
