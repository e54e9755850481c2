#!/usr/bin/env bash
# Makes the pictures of the dashboard in docs/img anew: a real host with a shop's mail in all states, looked at by a real browser (Chromium is needed).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

project=tests/Postoffice.Dashboard.Tests
dotnet build "$project" -c Release -v quiet
POSTOFFICE_SCREENSHOTS="$PWD/docs/img" "$project/bin/Release/net10.0/Postoffice.Dashboard.Tests" -class '*.ScreenshotTests'
