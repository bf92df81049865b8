#!/usr/bin/env bash
# Installs an archive of `make dist`: everything under PREFIX/lib/vitrail, and a link to the command in PREFIX/bin. The
# libraries stay in a folder of their own, so that no other program finds them.
#
# usage: scripts/install.sh ARCHIVE PREFIX [DESTDIR]
set -euo pipefail
archive=${1:?usage: scripts/install.sh ARCHIVE PREFIX [DESTDIR]}
prefix="${3:-}${2:?usage: scripts/install.sh ARCHIVE PREFIX [DESTDIR]}"

die() {
  echo "install: $*" >&2
  exit 1
}

mkdir -p "$prefix/lib" "$prefix/bin" 2>/dev/null && [ -w "$prefix/lib" ] && [ -w "$prefix/bin" ] ||
  die "$prefix cannot be written by this user: use sudo, or another PREFIX such as \$HOME/.local."
new="$prefix/lib/.vitrail.new"
rm -rf "$new" "$prefix/lib/.vitrail.old"
mkdir "$new"
tar -xzf "$archive" --strip-components 1 -C "$new"
[ ! -e "$prefix/lib/vitrail" ] || mv "$prefix/lib/vitrail" "$prefix/lib/.vitrail.old"
mv "$new" "$prefix/lib/vitrail"
rm -rf "$prefix/lib/.vitrail.old"
ln -sfn ../lib/vitrail/bin/vitrail "$prefix/bin/vitrail"

vitrail="$prefix/bin/vitrail"
mkdir -p "$prefix/share/bash-completion/completions" "$prefix/share/zsh/site-functions" "$prefix/share/fish/vendor_completions.d"
"$vitrail" --generate-completion-script bash >"$prefix/share/bash-completion/completions/vitrail"
"$vitrail" --generate-completion-script zsh >"$prefix/share/zsh/site-functions/_vitrail"
"$vitrail" --generate-completion-script fish >"$prefix/share/fish/vendor_completions.d/vitrail.fish"
echo "install: $vitrail is $("$vitrail" --version)"
