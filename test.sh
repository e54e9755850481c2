#!/usr/bin/env bash
# Passes the tests on a fresh machine: looks for the .NET 10 SDK, a PostgreSQL, a Chromium and an emulator of Pub/Sub, installs what is missing where it may,
# builds everything and runs every test. Results are written to TestResults/. What follows the command goes to dotnet test:
# ./test.sh --filter-class '*SettledSet*'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

# Release: as quick to build as Debug, and the tests that drive the host as a process are quicker.
configuration=Release
results="$PWD/TestResults"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1

fail() {
  printf 'test.sh: %s\n' "$@" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

may_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo && sudo -n true; } >/dev/null 2>&1
}

# install <apt package> <dnf package> <brew formula>; false when it cannot or may not.
install() {
  if command -v apt-get >/dev/null && may_be_root; then
    echo "test.sh: installing $1 with apt-get"
    as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
  elif command -v dnf >/dev/null && may_be_root; then
    echo "test.sh: installing $2 with dnf"
    as_root dnf install -y -q "$2" >/dev/null
  elif command -v brew >/dev/null; then
    echo "test.sh: installing $3 with brew"
    brew install --quiet "$3" >/dev/null
  else
    return 1
  fi
}

has_sdk() {
  dotnet --list-sdks 2>/dev/null | grep -q '^10\.'
}

has_postgres_programs() {
  local folder
  for folder in ${PATH//:/ } /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      return 0
    fi
  done
  return 1
}

has_docker_engine() {
  command -v docker >/dev/null && docker info >/dev/null 2>&1
}

has_sdk || install dotnet-sdk-10.0 dotnet-sdk-10.0 dotnet || true
has_sdk || fail 'The .NET 10 SDK is needed and could not be installed from here.' \
  'Install it as https://dotnet.microsoft.com/download/dotnet/10.0 says, then run ./test.sh again.'

has_postgres() {
  [ -n "${POSTOFFICE_TEST_POSTGRES:-}" ] || has_docker_engine || has_postgres_programs
}

has_postgres || install postgresql postgresql-server postgresql || true
has_postgres || fail 'The tests need a PostgreSQL 15 or later. One of these will do:' \
  '  - its server programs: initdb and pg_ctl, from the package postgresql (Debian, Ubuntu, Homebrew) or postgresql-server (Fedora);' \
  '  - a running Docker engine;' \
  '  - POSTOFFICE_TEST_POSTGRES, a connection string of a user who may create databases.'

has_chromium() {
  [ -n "${POSTOFFICE_TEST_CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
    || [ -d '/Applications/Google Chrome.app' ]
}

# Without one the tests of the dashboard are skipped, or fail where CI is true.
has_chromium || install chromium chromium google-chrome || echo 'test.sh: no Chromium: the tests of the dashboard need one (package chromium, or POSTOFFICE_TEST_CHROMIUM).'

has_pubsub_emulator() {
  local jar
  [ -z "${PUBSUB_EMULATOR_HOST:-}" ] || return 0
  for jar in "${POSTOFFICE_TEST_PUBSUB_EMULATOR:-}" {/usr/lib,/usr/lib64,/opt/homebrew/share,/usr/local/share,"$HOME"}/google-cloud-sdk/platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar; do
    if [ -f "$jar" ]; then
      return 0
    fi
  done
  return 1
}

# The emulator is in Google's archive of packages, not in the distributions' own: it can be installed where that has been added.
has_pubsub_emulator || has_docker_engine || install google-cloud-cli-pubsub-emulator google-cloud-cli-pubsub-emulator google-cloud-sdk || true
if has_pubsub_emulator; then
  [ -n "${PUBSUB_EMULATOR_HOST:-}" ] || java -version >/dev/null 2>&1 || install default-jre-headless java-21-openjdk-headless openjdk || true
elif ! has_docker_engine; then
  # Without one the tests that need it are skipped, or fail where CI is true.
  printf 'test.sh: %s\n' "no emulator of Google Cloud Pub/Sub: some tests need one. One of these will do:" \
    '  - the package google-cloud-cli-pubsub-emulator of Google, and Java; or its jar, named in POSTOFFICE_TEST_PUBSUB_EMULATOR;' \
    '  - a running Docker engine;' \
    '  - PUBSUB_EMULATOR_HOST, the HOST:PORT of one that runs. The test that stops it needs the first way, and is skipped with the others.'
fi

rm -rf "$results"
dotnet build Postoffice.sln -c "$configuration" -v quiet
options=(--solution Postoffice.sln -c "$configuration" --no-build --no-progress --report-trx --results-directory "$results")
if [ $# -gt 0 ]; then
  # A filter leaves some projects without tests (exit code 8); that is no failure then.
  options+=(--ignore-exit-code 8)
fi

dotnet test "${options[@]}" "$@"
