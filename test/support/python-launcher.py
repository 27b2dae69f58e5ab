"""Python Nodepool's own launcher with what no option sets set for tests: the quota of its fake cloud
is lifted, rounds of upkeep come sooner, and servers may stay in the making, or stay for ever.

Its code is not changed otherwise. Arguments are nodepool-launcher's; from the environment:
CLEANUP_SECONDS (2) between rounds of upkeep, SLOW_PROVIDER, whose servers stay in BUILD,
STUCK_PROVIDER, whose servers cannot be deleted.
"""
import os
import sys

from nodepool import launcher
from nodepool.cmd.launcher import main
from nodepool.driver.fake import adapter

CLOUD = adapter.FakeOpenStackCloud


def lift_quota():
    CLOUD._get_quota = staticmethod(lambda: (-1, -1, -1))


def come_sooner(seconds):
    init = launcher.NodePool.__init__

    def replacement(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.cleanup_interval = seconds
    launcher.NodePool.__init__ = replacement


def know_provider():
    init = adapter.FakeAdapter.__init__

    def replacement(self, provider_config):
        init(self, provider_config)
        self._getClient().provider_name = provider_config.name
    adapter.FakeAdapter.__init__ = replacement


def leave_undone(method, provider):
    """Of one provider, the cloud's method does nothing."""
    original = getattr(CLOUD, method)

    def replacement(self, *args, **kwargs):
        if getattr(self, 'provider_name', None) != provider:
            original(self, *args, **kwargs)
    setattr(CLOUD, method, replacement)


lift_quota()
come_sooner(float(os.environ.get('CLEANUP_SECONDS', '2')))
know_provider()
if os.environ.get('SLOW_PROVIDER'):
    leave_undone('_finish', os.environ['SLOW_PROVIDER'])
if os.environ.get('STUCK_PROVIDER'):
    leave_undone('delete_server', os.environ['STUCK_PROVIDER'])
sys.argv[0] = 'nodepool-launcher'
sys.exit(main())
