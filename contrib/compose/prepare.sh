#!/bin/bash
# Makes what the services need before they start: a certificate authority, certificates for both sides
# of ZooKeeper's TLS, and the builder's folders. What is there stays; certificates are renewed in their
# last month. Runs as root in the builder's image; what it writes to are the volumes of compose.yaml.
set -euo pipefail
umask 077

NODEPOOL_UID=10001
ZOOKEEPER_UID=1000
DAYS=825
MONTH=$((30 * 24 * 3600))
NEW_KEY=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

# The builder must get through.
chmod a+x "$NODEPOOL_HOME"
install -d -o $NODEPOOL_UID -g $NODEPOOL_UID -m 755 "$NODEPOOL_HOME"/{images,logs,cache}
install -d -m 755 "$NODEPOOL_HOME/elements"
(umask 022 && cp -r /compose/elements/. "$NODEPOOL_HOME/elements")

if [ ! -e /authority/ca.pem ]; then
  openssl req -x509 "${NEW_KEY[@]}" -days 3650 -subj '/CN=nodepool compose CA' \
    -addext keyUsage=critical,keyCertSign,cRLSign -keyout /authority/ca.key -out /authority/ca.pem
fi

# FOLDER NAME OWNER SUBJECT-ALT-NAMES USAGE
certificate() {
  local folder=$1 name=$2 owner=$3 names=$4 usage=$5
  if openssl x509 -in "$folder/$name.pem" -noout -checkend $MONTH > /dev/null 2>&1; then return; fi
  openssl req "${NEW_KEY[@]}" -subj "/CN=$name" -keyout "$folder/$name.key" -out /tmp/request
  openssl x509 -req -in /tmp/request -days $DAYS -CA /authority/ca.pem -CAkey /authority/ca.key \
    -CAcreateserial -out "$folder/$name.pem" -extfile <(
      printf '%s\n' "subjectAltName=$names" "extendedKeyUsage=$usage" basicConstraints=CA:FALSE
    )
  # ZooKeeper wants both in one file.
  if [ "$usage" = serverAuth ]; then cat "$folder/$name.key" >> "$folder/$name.pem"; fi
  install -m 644 /authority/ca.pem "$folder/ca.pem"
  chown -R "$owner:$owner" "$folder"
  chmod 755 "$folder"
}

certificate /zookeeper server $ZOOKEEPER_UID DNS:zookeeper,DNS:localhost serverAuth
certificate /nodepool client $NODEPOOL_UID DNS:nodepool clientAuth
echo 'prepared'
