"""Python Nodepool's own builder, which looks for work sooner than its options can say.

Its code is not changed otherwise. Arguments are nodepool-builder's; from the environment:
LOOK_SECONDS (0.5) between two looks for builds and uploads, CLEANUP_SECONDS (1) between rounds of
upkeep.
"""
import os
import sys

from nodepool import builder
from nodepool.cmd.builder import main

LOOK_SECONDS = float(os.environ.get('LOOK_SECONDS', '0.5'))
CLEANUP_SECONDS = float(os.environ.get('CLEANUP_SECONDS', '1'))
init = builder.NodePoolBuilder.__init__


def come_sooner(self, *args, **kwargs):
    init(self, *args, **kwargs)
    self.build_interval = LOOK_SECONDS
    self.upload_interval = LOOK_SECONDS
    self.cleanup_interval = CLEANUP_SECONDS


builder.NodePoolBuilder.__init__ = come_sooner
builder.SUSPEND_WAIT_TIME = 1
sys.argv[0] = 'nodepool-builder'
sys.exit(main())
