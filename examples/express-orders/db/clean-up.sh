#!/bin/sh
# Started by start.js with its folder; standard input is a pipe whose other end only start.js holds. When that closes,
# start.js is gone: stop the server if it is still there, and remove its data.
folder=$1
trap '' HUP INT TERM
cat >/dev/null

pid_file=$folder/data/postmaster.pid
server_lives() {
  # In a container a process that has ended may stay as a zombie for good.
  [ -e "$pid_file" ] && kill -0 "$server" 2>/dev/null && ! grep -qs '^State:.*Z' "/proc/$server/status"
}

if [ -s "$pid_file" ]; then
  server=$(head -n 1 "$pid_file")
  shared_memory=$(sed -n 7p "$pid_file" | awk '{ print $2 }')
  kill -QUIT "$server" 2>/dev/null
  tries=0
  while server_lives && [ "$tries" -lt 100 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
  server_lives && kill -KILL "$server" 2>/dev/null
  # A server that was killed leaves a few bytes of shared memory behind.
  [ -n "$shared_memory" ] && ipcrm -m "$shared_memory" 2>/dev/null
fi

tries=0
while [ -e "$folder" ] && [ "$tries" -lt 100 ]; do
  rm -rf "$folder" 2>/dev/null || sleep 0.05
  tries=$((tries + 1))
done
