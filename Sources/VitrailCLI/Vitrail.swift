@main
struct VitrailCommand {
  static func main() {}
}
