import ArgumentParser
import Foundation
import Launch
import Recipes
import Torch

/// `vitrail launch`
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launch",
    abstract: "Start ranks, on this machine or on several, and keep them together.",
    discussion: """
      One machine:       vitrail launch --nproc-per-node 4 -- train --data photos
      Several, on each:  vitrail launch --nproc-per-node 4 --nnodes 2 --rendezvous node0:29400 -- train ...
      Several, by ssh:   vitrail launch --hostfile hosts -- train ...

      Each rank gets torchrun's variables and VITRAIL_RESTART_COUNT. When one fails, it is named, the others are stopped, \
      and with --max-restarts all start again. SIGINT, SIGTERM and SIGHUP go to all ranks; a second SIGINT kills them. The \
      exit code is that of the first rank that failed. No rank outlives its launcher. See docs/launch.md.
      """)

  @OptionGroup var arguments: LaunchArguments

  func run() throws {
    let options = try arguments.options(
      subcommands: VitrailCommand.configuration.subcommands.compactMap { $0.configuration.commandName },
      numProcessors: AvailableProcessors.count, countGPUs: { Device.count(of: .cuda) })
    let code = try Launcher(options, environment: ProcessInfo.processInfo.environment).run()
    if code != 0 { throw ExitCode(code) }
  }
}
