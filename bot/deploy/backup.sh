#!/bin/sh
# backup.sh FOLDER [DAYS]: a backup of today into a folder, in place of an earlier one of today, and no backups there older
# than so many days (14).
# `citebot` is the one on the PATH or in CITEBOT, and is set up by the environment or by .env in the working folder.
set -eu
umask 077
folder=${1:?name the folder for the backups}
mkdir -p "$folder"
"${CITEBOT:-citebot}" backup --force "$folder/citebot-$(date +%Y-%m-%d).zip"
find "$folder" -maxdepth 1 -name 'citebot-????-??-??.zip' -mtime "+${2:-14}" -delete
