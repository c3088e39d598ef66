"""Starts the emulator with seven of its habits corrected, of which docs/local-stack.md tells."""

import functools
import gc
import socketserver

from ministack.app import main
from ministack.core import iam_actions
from ministack.services import cognito, dynamodb

import leading_keys  # noqa: F401, since importing it is all there is to do

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

# It lets every client write every attribute of a person, whatever its WriteAttributes say. AWS refuses.
sign_up, update_attributes, confirm = cognito._sign_up, cognito._update_user_attributes, cognito._confirm_sign_up


def _refusal(client_id, attributes):
    pool, _ = cognito._pool_for_client(client_id)
    client = pool["_clients"][client_id] if pool else {}
    allowed = client.get("WriteAttributes")
    if not allowed or all(attribute.get("Name") in allowed for attribute in attributes or []):
        return None
    message = "A client attempted to write unauthorized attribute"
    return cognito.error_response_json("NotAuthorizedException", message, 400)


def _sign_up(data):
    return _refusal(data.get("ClientId"), data.get("UserAttributes")) or sign_up(data)


def _update_user_attributes(data):
    client_id = cognito._token_claims(data.get("AccessToken", "")).get("client_id")
    return _refusal(client_id, data.get("UserAttributes")) or update_attributes(data)


# Who confirms a sign-up with the code that was mailed has shown that the address is theirs. It forgets to note that.
def _confirm_sign_up(data):
    answer = confirm(data)
    pool, _ = cognito._pool_for_client(data.get("ClientId"))
    if answer[0] == 200 and "email" in pool.get("AutoVerifiedAttributes", []):
        user, _ = cognito._resolve_user(pool, data.get("Username"))
        verified = [{"Name": "email_verified", "Value": "true"}]
        user["Attributes"] = cognito._merge_attributes(user["Attributes"], verified)
    return answer


cognito._sign_up, cognito._update_user_attributes = _sign_up, _update_user_attributes
cognito._confirm_sign_up = _confirm_sign_up

if __name__ == "__main__":
    main()
