#!/usr/bin/env bash
# Makes the pairs of documents that the comparison is tested with: the two texts beside this file, saved by LibreOffice Writer
# (7.4.7 made those that are kept here) as DOCX, ODT and PDF. Run it after a change of the texts and keep what it makes.
set -euo pipefail
cd "$(dirname "$0")"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
for kind in docx odt pdf; do
  soffice "-env:UserInstallation=file://$profile" --headless --convert-to "$kind" przed.fodt po.fodt >/dev/null 2>&1
done
ls -l ./*.docx ./*.odt ./*.pdf
