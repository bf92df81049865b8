import ArgumentParser
import Foundation
import Launch

/// The launcher without the rest of the command, for tests that need no libtorch.
@main
struct LaunchProbe: ParsableCommand {
  static let configuration = CommandConfiguration(subcommands: [LaunchCommand.self, PlaceCommand.self])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as LaunchError {
      FileHandle.standardError.write(Data("vitrail: \(error)\n".utf8))
      Foundation.exit(error.isUsage ? 2 : 1)
    } catch let error as LaunchEnvironmentError {
      FileHandle.standardError.write(Data("vitrail: \(error)\n".utf8))
      Foundation.exit(2)
    } catch {
      exit(withError: error)
    }
  }
}

struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "launch")
  @OptionGroup var arguments: LaunchArguments

  func run() throws {
    let options = try arguments.options(
      subcommands: ["place"], numProcessors: ProcessInfo.processInfo.activeProcessorCount, countGPUs: { 0 })
    throw ExitCode(try Launcher(options, environment: ProcessInfo.processInfo.environment).run())
  }
}

struct PlaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "place")

  func run() throws { print(try LaunchEnvironment.current()?.summary ?? "alone") }
}
