"""Starts the emulator with four of its habits corrected, of which docs/local-stack.md tells."""

import functools
import gc
import socketserver

from ministack.app import main
from ministack.core import iam_actions
from ministack.services import dynamodb

# Its Lambda Runtime API sends headers and body in two packets. With Nagle's algorithm the second waits for the acknowledgement of the
# first: 40 ms an invocation.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

# A full collection walks all that it holds, tables and logs included, and stops everything for 100 to 250 ms. By Python's defaults that is
# every other second under load.
gc.set_threshold(2_000, 20, 500)

# It checks the grammar of a query's condition anew for each item of the partition: a tenth of its time where rooms have a history.
dynamodb._condition_syntax_error = functools.lru_cache(maxsize=1_000)(dynamodb._condition_syntax_error)

# It asks for a right of its own where several messages are sent at once. IAM knows none: who may send one may send several.
action_of = iam_actions.extract_iam_action


def _action(*args, **named):
    action = action_of(*args, **named)
    return "sqs:SendMessage" if action == "sqs:SendMessageBatch" else action


iam_actions.extract_iam_action = _action

if __name__ == "__main__":
    main()
