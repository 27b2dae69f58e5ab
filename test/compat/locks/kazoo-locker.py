"""Takes a lock with kazoo again and again and looks whether it is alone; see lockers.test.ts.

Arguments: HOSTS KIND ROUNDS, where KIND is lock, try, read or write. Prints one JSON object a line:
{"entered": N} for each time that it held the lock, {"violation": TEXT} if somebody else was there.
"""
import json
import random
import sys
import time

from kazoo.client import KazooClient
from kazoo.exceptions import NodeExistsError

OWNER = '/owner'
READERS = '/readers'


def say(**what):
    print(json.dumps(what), flush=True)


def write_alone(client):
    try:
        client.create(OWNER, b'kazoo', ephemeral=True)
    except NodeExistsError:
        say(violation='two owners')
        return
    if client.get_children(READERS):
        say(violation='an owner among readers')
    time.sleep(random.random() * 0.004)
    client.delete(OWNER)


def read_with_others(client):
    mine = client.create(READERS + '/r', ephemeral=True, sequence=True)
    if client.exists(OWNER):
        say(violation='a reader beside an owner')
    time.sleep(random.random() * 0.004)
    client.delete(mine)


def main(hosts, kind, rounds):
    client = KazooClient(hosts=hosts, timeout=2.0)
    client.start(20)
    say(started=True)
    make = {'read': client.ReadLock, 'write': client.WriteLock}.get(kind, client.Lock)
    entered = 0
    while entered < int(rounds):
        lock = make('/lock')
        if not lock.acquire(blocking=kind != 'try'):
            time.sleep(random.random() * 0.01)
            continue
        read_with_others(client) if kind == 'read' else write_alone(client)
        entered += 1
        say(entered=entered)
        lock.release()
    client.stop()


main(*sys.argv[1:])
