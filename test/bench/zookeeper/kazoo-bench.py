"""kazoo under the measured work: kazoo-bench.py HOSTS OPERATIONS, prints one line of JSON.

The same as measure.ts does with clients of Node. Persistent watches come from
the extension that Nodepool carries with it.
"""

import json
import os
import resource
import sys
import threading
import time

from kazoo.client import KazooClient

WINDOW = 1000
DATA = b"a" * 500
ROUND_TRIPS = 2000
EVENTS = 10000


def in_windows(count, work):
    for at in range(0, count, WINDOW):
        results = [work(i) for i in range(at, min(at + WINDOW, count))]
        for result in results:
            result.get()


def pipelined(count, work):
    start = time.perf_counter()
    in_windows(count, work)
    return count / (time.perf_counter() - start)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def make_client(hosts):
    """The client, and how it watches a tree (None where it cannot)."""
    try:
        import nodepool.zk  # noqa: F401  (puts its connection handler into kazoo)
        from nodepool.zk.vendor.client import ZuulKazooClient
        from nodepool.zk.vendor.states import AddWatchMode
    except ImportError:
        return KazooClient(hosts), None
    client = ZuulKazooClient(hosts)
    mode = AddWatchMode.PERSISTENT_RECURSIVE
    return client, lambda path, fn: client.add_watch(path, fn, mode)


def watched(client, watch_tree, root):
    if watch_tree is None:
        return None
    heard = 0
    all_heard = threading.Event()

    def on_event(event):
        nonlocal heard
        heard += 1
        if heard == EVENTS:
            all_heard.set()

    watch_tree(root, on_event)
    start = time.perf_counter()
    in_windows(EVENTS, lambda i: client.set_async(root + "/n0", DATA))
    if not all_heard.wait(60):
        raise SystemExit("only %d of %d events came" % (heard, EVENTS))
    return EVENTS / (time.perf_counter() - start)


def main(hosts, operations):
    client, watch_tree = make_client(hosts)
    client.start()
    root = "/kazoo-%d" % os.getpid()
    client.create(root, DATA)

    def path(i):
        return "%s/n%d" % (root, i)

    cpu = cpu_seconds()
    figures = {
        "create_per_second": pipelined(
            operations, lambda i: client.create_async(path(i), DATA)),
        "set_per_second": pipelined(
            operations, lambda i: client.set_async(path(i), DATA)),
        "get_per_second": pipelined(
            operations, lambda i: client.get_async(path(i))),
    }
    cpu = cpu_seconds() - cpu
    figures["cpu_seconds_per_100k"] = cpu / (3 * operations) * 100000
    times = []
    for _ in range(ROUND_TRIPS):
        start = time.perf_counter()
        client.get(path(0))
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    figures["round_trip_p50_ms"] = times[len(times) // 2]
    figures["round_trip_p99_ms"] = times[len(times) * 99 // 100]
    figures["events_per_second"] = watched(client, watch_tree, root)
    in_windows(operations, lambda i: client.delete_async(path(i)))
    client.delete(root)
    client.stop()
    print(json.dumps(figures))


main(sys.argv[1], int(sys.argv[2]))
