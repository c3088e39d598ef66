"""Stripe's own library against the stand-in: `library.py <address> <key> <webhook secret>`. Ends well where all of it holds.

What the library sends and reads is decided by Stripe, not by us: paths, forms, lists, errors, retries and signatures.
"""

import json
import sys
import time
import urllib.request

import stripe

ADDRESS, KEY, SECRET = sys.argv[1:4]
client = stripe.StripeClient(KEY, base_addresses={"api": ADDRESS}, max_network_retries=0)
v1 = client.v1


def control(path, body):
    """Asks for what stands for the world outside."""
    request = urllib.request.Request(
        f"{ADDRESS}/_test/{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def refused(kind, code, ask):
    """Asks for what must be refused with this error of the library's."""
    try:
        ask()
    except kind as error:
        # Some kinds of error have the code in their body alone.
        found = getattr(error.error, "code", None)
        assert found == code, (found, code)
        assert error.request_id, "an error names its request"
        return error
    raise AssertionError(f"nothing was refused: {code}")


# An account takes transfers once its holder went through the onboarding.
account = v1.accounts.create({"type": "express", "capabilities": {"transfers": {"requested": True}}})
assert account.capabilities.transfers == "inactive"
link = v1.account_links.create(
    {
        "account": account.id,
        "type": "account_onboarding",
        "return_url": "https://app.example/done",
        "refresh_url": "https://app.example/again",
    }
)
urllib.request.urlopen(link.url).read()
assert v1.accounts.retrieve(account.id).capabilities.transfers == "active"

# A client pays, and the money is pending until it ripens.
paid = control("payments", {"amount": 10_000, "currency": "usd", "fee": 320, "pending": True})
intent = v1.payment_intents.retrieve(paid["id"], {"expand": ["latest_charge.balance_transaction"]})
change = intent.latest_charge.balance_transaction
assert (change.fee, change.net, change.status) == (320, 9_680, "pending"), change
balance = v1.balance.retrieve()
assert [balance.available[0].amount, balance.pending[0].amount] == [0, 9_680]


def order(amount, **more):
    return {"amount": amount, "currency": "usd", "destination": account.id, "transfer_group": "deal_1", **more}


refused(stripe.InvalidRequestError, "balance_insufficient", lambda: v1.transfers.create(order(100)))
early = v1.transfers.create(order(100, source_transaction=intent.latest_charge.id))
assert early.source_transaction == intent.latest_charge.id
control("ripen", {})

# The same key does the same once, and another body under it is an error.
same = {"idempotency_key": "payout:1"}
first = v1.transfers.create(order(200, metadata={"payout": "payout:1"}), same)
again = v1.transfers.create(order(200, metadata={"payout": "payout:1"}), same)
assert first.id == again.id and again.metadata["payout"] == "payout:1"
refused(stripe.IdempotencyError, None, lambda: v1.transfers.create(order(201), same))
refused(
    stripe.InvalidRequestError,
    "parameter_unknown",
    lambda: client.raw_request("post", "/v1/transfers", amount=1, currency="usd", destination=account.id, ammount=1),
)

# The library walks a list page by page.
for amount in range(1, 6):
    v1.transfers.create(order(amount))
walked = [transfer.amount for transfer in v1.transfers.list({"limit": 2, "transfer_group": "deal_1"}).auto_paging_iter()]
assert walked == [5, 4, 3, 2, 1, 200, 100], walked
since = {"gt": early.created - 1, "lte": int(time.time()) + 1}
assert len(v1.transfers.list({"created": since, "limit": 100}).data) == 7

# Money goes back, and a refund that fails is the platform's again.
reversal = v1.transfers.reversals.create(first.id, {"amount": 50})
assert v1.transfers.retrieve(first.id).amount_reversed == 50 and reversal.transfer == first.id
refund = v1.refunds.create({"payment_intent": intent.id, "amount": 700, "metadata": {"order": "refund:1"}})
control("refund_failures", {"refund": refund.id})
failed = v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
assert (failed.status, failed.failure_balance_transaction.net) == ("failed", 700)

# A dispute takes the money and its fee, and gives the money back where it is won.
control("disputes", {"payment": intent.id, "amount": 1_000, "fee": 1_500})
[dispute] = v1.disputes.list({"payment_intent": intent.id}).data
assert [line.net for line in dispute.balance_transactions] == [-2_500]
control("decisions", {"dispute": dispute.id, "won": True})
assert v1.disputes.retrieve(dispute.id).status == "won"

# A payout to the platform's bank, and every change of the balance adds up to it.
payout = v1.payouts.create({"amount": 500, "currency": "usd"})
assert [known.id for known in v1.payouts.list().auto_paging_iter()] == [payout.id]
changes = list(v1.balance_transactions.list({"limit": 3, "expand": ["data.source"]}).auto_paging_iter())
assert sum(known.net for known in changes) == v1.balance.retrieve().available[0].amount
assert changes[-1].source.payment_intent == intent.id
fees = sum(known.fee for known in changes)
assert fees == 320 + 1_500, fees

# Events by several types, each of which the library takes for Stripe's by its signature.
kinds = ["charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated", "refund.failed", "payment_intent.succeeded"]
events = list(v1.events.list({"types": kinds, "limit": 2}).auto_paging_iter())
assert sorted(event.type for event in events) == sorted(kinds), [event.type for event in events]
for line in sys.stdin:
    signature, body = json.loads(line)
    event = client.construct_event(body, signature, SECRET)
    assert event.object == "event", event
    try:
        client.construct_event(body + " ", signature, SECRET)
    except stripe.SignatureVerificationError:
        continue
    raise AssertionError("a changed body was taken")

refused(stripe.PermissionError, "account_invalid", lambda: v1.accounts.retrieve("acct_none"))
stranger = stripe.StripeClient("sk_test_stranger", base_addresses={"api": ADDRESS}, max_network_retries=0)
refused(stripe.AuthenticationError, None, lambda: stranger.v1.balance.retrieve())
print("holds")
