"""Makes the kubeconfig of a job as Zuul's executor does, from the connection object of a node record.

Argument: where the file goes.  Standard input: the connection object, JSON.
"""
import json
import sys
import types

from zuul.executor.server import AnsibleJob

AnsibleJob.prepareKubeConfig(
    None, types.SimpleNamespace(kubeconfig=sys.argv[1]), json.load(sys.stdin))
