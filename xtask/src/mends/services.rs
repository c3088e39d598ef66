//! The mends of the store and of the functions.
//! Most of their tests are those of the whole platform in memory, which take minutes to build.

use super::{Mend, Tests};

const SUBMITTED: &str = "shared/money/deal-store/src/records/claim.rs";
const FOUND: &str = "shared/money/deal-store/src/claims/found.rs";
const CANDIDATE_VIEWS: &str = "functions/recruiting/candidates/src/views.rs";
const NAMES: &str = "functions/people/identity/src/names.rs";
const CLAIMS: &str = "shared/money/deal-store/src/claims.rs";
const CONSENT: &str = "functions/money/deals/src/consents.rs";
const CONSENTS: &str = "functions/money/settlement/src/consents.rs";
const EVIDENCE: &str = "functions/money/deals/src/evidence.rs";
const INVITATIONS: &str = "functions/people/identity/src/invitations.rs";
const LEDGER: &str = "shared/money/books/src/ledger.rs";
const LIMITS: &str = "functions/money/deals/src/limits.rs";
const MAILED: &str = "functions/money/deals/src/mailed.rs";
const MOVES: &str = "functions/money/deals/src/moves.rs";
const TOLD: &str = "functions/money/deals/src/told.rs";
const OWNERS: &str = "functions/money/deals/src/owners.rs";
const PAYOUTS: &str = "functions/money/payouts/src/worker.rs";
const PLACED: &str = "shared/money/deal-store/src/placed.rs";
const HEAD: &str = "shared/money/deal-store/src/records/deal.rs";
const SHOWN: &str = "functions/money/deals/src/shown.rs";
const TERMS: &str = "functions/money/deals/src/terms.rs";
const SETTLEMENT: &str = "functions/money/settlement/src/lib.rs";
const PAGES: &str = "shared/platform/table/src/pages.rs";
const LIMIT: &str = "shared/people/people/src/limit.rs";
const MAIL: &str = "functions/live/notifier/src/mail.rs";
const DOCUMENTS: &str = "functions/money/deals/src/documents.rs";
const ERASURES: &str = "functions/money/settlement/src/documents.rs";
const CANDIDATES: &str = "functions/money/deals/src/candidates.rs";
const CLAIM: &str = "functions/money/payouts/src/claim.rs";
const PAYOUT: &str = "shared/money/books/src/records/payout.rs";
const REVERSAL: &str = "functions/money/payouts/src/reversal.rs";
const READING: &str = "functions/money/statements/src/reports/reading.rs";
const DEALS: &str = "functions/money/deals/src/routes.rs";
const MATCHER: &str = "functions/recruiting/match-finder/src/lib.rs";
const INDEXER: &str = "functions/recruiting/indexer/src/lib.rs";
const VIEWS: &str = "functions/money/deals/src/views.rs";
const EVENTS: &str = "shared/money/deal-store/src/events.rs";
const ARGUMENTS: &str = "functions/money/deals/src/arguments.rs";
const PEOPLE: &str = "functions/recruiting/candidates/src/routes.rs";
const ONCE: &str = "shared/platform/api/src/once.rs";
const RELAY: &str = "functions/platform/relay/src/lib.rs";
const MEMBERS: &str = "functions/people/identity/src/members.rs";

/// Unit tests of the books.
const fn books(named: &'static str) -> Tests {
    Tests {
        package: "inventure-books",
        target: "inventure-books",
        named,
    }
}

/// Unit tests of the deals' store.
const fn deal_store(named: &'static str) -> Tests {
    Tests {
        package: "inventure-deal-store",
        target: "inventure-deal-store",
        named,
    }
}

/// Unit tests of the relay.
const fn relay(named: &'static str) -> Tests {
    Tests {
        package: "relay",
        target: "relay",
        named,
    }
}

/// Scans, in child processes of the function's own program.
const fn scans(named: &'static str) -> Tests {
    Tests {
        package: "resume-parser",
        target: "scans",
        named,
    }
}

/// The functions together, in memory.
const fn functions(named: &'static str) -> Tests {
    Tests {
        package: "inventure-testing",
        target: "functions",
        named,
    }
}

/// All mends of the store and of the functions.
pub const MENDS: &[Mend] = &[
    Mend {
        wants: "whoever has an address that they type beside a stranger's résumé",
        file: SUBMITTED,
        before: "",
        find: "(self.is_stated(fingerprint) && in_resume)",
        put: "self.is_stated(fingerprint)",
        killed_by: functions("owners::a_stated_address_takes_nobody"),
    },
    Mend {
        wants: "a referee, by a résumé that names them",
        file: FOUND,
        before: "",
        find: "any(SubmittedPerson::is_sure_of)",
        put: "(any(SubmittedPerson::is_sure_of) || found.shared.iter().any(|(_, source)| *source > KnownFrom::File))",
        killed_by: functions("owners::a_referee_in_a_resume"),
    },
    Mend {
        wants: "a person's placement, without anybody being asked about a doubt",
        file: FOUND,
        before: "",
        find: "*source == KnownFrom::Confirmed",
        put: "*source > KnownFrom::File",
        killed_by: functions("owners::a_referee_in_a_resume"),
    },
    Mend {
        wants: "a person kept out by a puppet that was placed under their address",
        file: PLACED,
        before: "",
        find: "(stated && word != EmployersWord::Reports)",
        put: "stated",
        killed_by: functions("owners::a_stated_address_of_a_placed_puppet"),
    },
    Mend {
        wants: "the words and the client of another broker's consent",
        file: CANDIDATE_VIEWS,
        before: "",
        find: "access == Access::Granted",
        put: "(false && access == Access::Granted)",
        killed_by: functions("grants::how_a_consent_was_given"),
    },
    Mend {
        wants: "another's name in letters of another script",
        file: NAMES,
        before: "",
        find: "!name.split_whitespace().all(MixedScript::is_single_script)",
        put: "(false && !name.split_whitespace().all(MixedScript::is_single_script))",
        killed_by: functions("identity::an_impostor_takes"),
    },
    Mend {
        wants: "a function that was taken over says another one's event",
        file: RELAY,
        before: "",
        find: "!writers_of(&kind).contains(&writer)",
        put: "false && !writers_of(&kind).contains(&writer)",
        killed_by: relay("an_event_that_its_writer_may_not_say"),
    },
    Mend {
        wants: "a tenant's payouts, by another account",
        file: PAYOUTS,
        before: "let is_payee = ",
        find: "known.account == account",
        put: "true",
        killed_by: functions("payouts::a_tenant_is_paid_to_the_account"),
    },
    Mend {
        wants: "the end of a consent that stands",
        file: CONSENTS,
        before: "",
        find: "record.withdrawn_at.or(record.ended_at).is_none()",
        put: "false && record.withdrawn_at.or(record.ended_at).is_none()",
        killed_by: functions("ended::the_end_of_a_consent_that_stands"),
    },
    Mend {
        wants: "an event of two types, one for the relay and one for its readers",
        file: RELAY,
        before: "let detail = ",
        find: "event.to_string()",
        put: "item.event.clone()",
        killed_by: relay("an_event_that_is_too_long_or_names_two_types"),
    },
    Mend {
        wants: "an event that the bus never takes holds up everybody's",
        file: RELAY,
        before: "if ",
        find: "!for_good",
        put: "true",
        killed_by: relay("what_the_bus_never_takes"),
    },
    Mend {
        wants: "a function answers a repeat for another one",
        file: ONCE,
        before: "",
        find: "format!(\"{}{function}#{hash}\", Self::PARTITION)",
        put: "format!(\"{}{hash}\", Self::PARTITION)",
        killed_by: functions("edges::who_does_not_know_whether_it_arrived"),
    },
    Mend {
        wants: "a flood pushes an honest claim out of what is read",
        file: PAGES,
        before: "",
        find: "page.len() == query.limit",
        put: "false && page.len() == query.limit",
        killed_by: deal_store("no_claim_is_crowded_out"),
    },
    Mend {
        wants: "a payout and a refund take the same cash",
        file: LEDGER,
        before: "for account in ",
        find: "&all[transaction.postings.len()..]",
        put: "&all[all.len()..]",
        killed_by: books("a_payout_and_a_refund_of_the_same_cash"),
    },
    Mend {
        wants: "a debt that comes up while a payout is decided",
        file: LEDGER,
        before: "for account in ",
        find: "&all[transaction.postings.len()..]",
        put: "&all[all.len()..]",
        killed_by: books("a_debt_that_comes_up_while_a_payout_is_decided"),
    },
    Mend {
        wants: "a stale record is tried for ever",
        file: LEDGER,
        before: "",
        find: "refused.iter().any(|position| *position < own)",
        put: "false && own > refused.len()",
        killed_by: books("a_record_that_changed_is_told_from_accounts"),
    },
    Mend {
        wants: "one person placed by two deals at once",
        file: PLACED,
        before: "",
        find: "Condition::at(version)",
        put: "Condition::None",
        killed_by: functions("owners::of_two_placements_of_one_person_at_once"),
    },
    Mend {
        wants: "a number in two files decides",
        file: OWNERS,
        before: "",
        find: "!by_employer && doubted.owners != decision.owners",
        put: "false",
        killed_by: functions("owners::a_number_that_was_only_read_from_files"),
    },
    Mend {
        wants: "a stranger is told whose somebody is",
        file: OWNERS,
        before: "",
        find: "by_employer || is_engaged(&self.store, held).await?",
        put: "true",
        killed_by: functions("owners::a_stranger_learns_whose_somebody_is"),
    },
    Mend {
        wants: "placements are tried without end",
        file: MOVES,
        before: "",
        find: "!by_employer && looks_elsewhere(&held, &asked)",
        put: "false",
        killed_by: functions("owners::a_stranger_learns_whose_somebody_is"),
    },
    Mend {
        wants: "refused placements fill the deal with decisions",
        file: MOVES,
        before: "",
        find: "dated < DECISIONS_MAX",
        put: "true",
        killed_by: functions("owners::a_broker_fills_the_deal"),
    },
    Mend {
        wants: "refused placements take the room of the decision that lets an owner in",
        file: MOVES,
        before: "",
        find: "(is_shared(owners) && !is_known)",
        put: "false",
        killed_by: functions("owners::two_who_own_together"),
    },
    Mend {
        wants: "an owner who was put out comes back",
        file: INVITATIONS,
        before: "",
        find: "inviter.role == owner_role(tenant.kind)",
        put: "true",
        killed_by: functions("identity::an_owner_who_was_put_out"),
    },
    Mend {
        wants: "somebody else's résumé is shown under a claim",
        file: SHOWN,
        before: "",
        find: "!named.iter().any(|print| person.fingerprints.contains(print))",
        put: "false",
        killed_by: functions("owners::a_broker_shows_a_rivals_candidate"),
    },
    Mend {
        wants: "what was shown is forgotten once it is changed back",
        file: OWNERS,
        before: "",
        find: "!by_employer && self.shown_elsewhere(held, person, &mine, on).await?",
        put: "false",
        killed_by: functions("owners::a_broker_shows_a_rivals_candidate"),
    },
    Mend {
        wants: "a tenant's people are listed by naming it in a proposal",
        file: HEAD,
        before: "",
        find: "self.spoke.as_deref().unwrap_or(&self.parties)",
        put: "&self.parties",
        killed_by: functions("chat::a_stranger_lists_a_tenants_people"),
    },
    Mend {
        wants: "somebody is mailed about one employer after another",
        file: MAILED,
        before: "",
        find: "mails >= MAILS_MAX",
        put: "false",
        killed_by: functions("candidates_word::a_broker_has_somebody_mailed"),
    },
    Mend {
        wants: "one broker takes both of a person's mails",
        file: MAILED,
        before: "",
        find: "by.contains(&tenant)",
        put: "false",
        killed_by: functions("candidates_word::a_broker_has_somebody_mailed"),
    },
    Mend {
        wants: "somebody is mailed who asked never to be",
        file: "functions/live/notifier/src/asks.rs",
        before: "",
        find: "!never",
        put: "true",
        killed_by: functions("candidates_word::a_broker_has_somebody_mailed"),
    },
    Mend {
        wants: "files about a candidate outlast their consent",
        file: SETTLEMENT,
        before: "",
        find: "*kind == Move::ConsentWithdrawn.to_string()",
        put: "false",
        killed_by: functions("documents::what_others_keep"),
    },
    Mend {
        wants: "a claim check tells by its work",
        file: CLAIMS,
        before: "for _ in ",
        find: "deals.len()..=READ_AT_LEAST",
        put: "1..=0",
        killed_by: functions("owners::how_much_work_an_answer_takes"),
    },
    Mend {
        wants: "deals that cannot be settled starve another",
        file: SETTLEMENT,
        before: "",
        find: "self.put_off(head.deal_id, now).await",
        put: "Ok::<bool, Failure>(true)",
        killed_by: functions("contention::deals_that_cannot_be_settled"),
    },
    Mend {
        wants: "notes without end keep the client's money out",
        file: LIMITS,
        before: "",
        find: "of_person < PERSON_MAX && of_tenant < TENANT_MAX",
        put: "true",
        killed_by: functions("contention::notes_without_end"),
    },
    Mend {
        wants: "a consent that ended goes on in the deals",
        file: CONSENTS,
        before: "",
        find: "stands && submitted.next().is_some_and(concerned)",
        put: "false && stands && submitted.next().is_some_and(concerned)",
        killed_by: functions("conduct::a_consent_that_is_taken_back"),
    },
    Mend {
        wants: "a candidate is passed off as a member's",
        file: TOLD,
        before: "",
        find: "submit.source.is_some_and(|stated| stated != source)",
        put: "false",
        killed_by: functions("conduct::a_candidate_is_passed_off"),
    },
    Mend {
        wants: "the parties write the schedule themselves",
        file: TERMS,
        before: "None => ",
        find: "Some(self.schedule().await?)",
        put: "terms.schedule.or(Some(self.schedule().await?))",
        killed_by: functions("conduct::the_network_share_is_the_operators"),
    },
    Mend {
        wants: "pending money is asked for and declined",
        file: PAYOUTS,
        before: "",
        find: "next.at_processor.is_pending_for(minor_units)",
        put: "false",
        killed_by: functions("payouts::processor::money_that_is_pending"),
    },
    Mend {
        wants: "evidence that was erased",
        file: EVIDENCE,
        before: "",
        find: "records.into_iter().find(DealDocument::is_kept)",
        put: "records.into_iter().next()",
        killed_by: functions("evidence::evidence_whose_file_was_erased"),
    },
    Mend {
        wants: "shown and hired after the consent ended",
        file: CONSENT,
        before: "",
        find: "!in_force && !self.consented_on(held, id, accepted_on).await?",
        put: "false",
        killed_by: functions("ended::shown_and_hired_between"),
    },
    Mend {
        wants: "hired by silence after the consent ended",
        file: SETTLEMENT,
        before: "",
        find: "!late.is_shown",
        put: "false",
        killed_by: functions("ended::shown_and_hired_between"),
    },
    Mend {
        wants: "a report that waited places a person twice",
        file: PLACED,
        before: "",
        find: "standing(&after.deal).filter(|placement| stood != Some(placement.fact))",
        put: "standing(&after.deal).filter(|_| false)",
        killed_by: functions("twice::a_report_that_waited_is_agreed"),
    },
    Mend {
        wants: "a judge places somebody twice",
        file: PLACED,
        before: "",
        find: "standing(&after.deal).filter(|placement| stood != Some(placement.fact))",
        put: "standing(&after.deal).filter(|_| false)",
        killed_by: functions("twice::a_ruling_restores_the_placement"),
    },
    Mend {
        wants: "terms about another job",
        file: TERMS,
        before: "",
        find: "terms.job != held.head.job_id",
        put: "false",
        killed_by: functions("conduct::terms_about_another_job"),
    },
    Mend {
        wants: "a flood over the mail that asks for an answer",
        file: MAIL,
        before: "",
        find: "Query::table(NotificationRecord::inbox(member), \"\")",
        put: "Query { after: Some(\"~\".into()), ..Query::table(NotificationRecord::inbox(member), \"\") }",
        killed_by: functions("mails::whoever_floods_the_inbox"),
    },
    Mend {
        wants: "a debt that no deal asks for",
        file: REVERSAL,
        before: "",
        find: "if for_debt { debt } else { too_much }",
        put: "too_much",
        killed_by: functions("payouts::a_broker_leaves_with_a_debt"),
    },
    Mend {
        wants: "papers that are hidden behind forms",
        file: ERASURES,
        before: "",
        find: "self.look_again(deal, now, last).await?",
        put: "()",
        killed_by: functions("documents::papers_behind_forms"),
    },
    Mend {
        wants: "a hired candidate erases the papers about the hire",
        file: ERASURES,
        before: "",
        find: "is_needed(held, candidate, now)",
        put: "false",
        killed_by: functions("documents::a_hired_candidate_erases"),
    },
    Mend {
        wants: "document forms without number",
        file: DOCUMENTS,
        before: "",
        find: "app.count(caller.principal.tenant_id, &FORMS).await?",
        put: "0",
        killed_by: functions("floods::document_forms_without_number"),
    },
    Mend {
        wants: "a broker's money beside its debt, for ever",
        file: REVERSAL,
        before: "",
        find: "debt > 0 && balances.of(&available) > 0",
        put: "false",
        killed_by: functions("payouts::processor::what_a_bank_took_and_gave_back"),
    },
    Mend {
        wants: "money that came back twice, which no deal has due",
        file: REVERSAL,
        before: "",
        find: "debt == 0 && balances.of(&available) > 0",
        put: "false",
        killed_by: functions("contention::what_comes_back_twice"),
    },
    Mend {
        wants: "a refund of money that another worker takes back, ended by one that slept",
        file: PAYOUTS,
        before: "",
        find: "payout.status != PayoutStatus::Requested || paid.open.as_deref() != Some(payout_id)",
        put: "false",
        killed_by: functions("contention::a_worker_that_slept"),
    },
    Mend {
        wants: "another deal's money, claimed before settlement says whose it is",
        file: CLAIM,
        before: "",
        find: "now < seen.seen_at + WAIT",
        put: "false",
        killed_by: functions("contention::what_no_deal_has_due_is_claimed"),
    },
    Mend {
        wants: "another deal's money, claimed in the hour in which it was released",
        file: CLAIM,
        before: "",
        find: "seen.entry == entry",
        put: "true",
        killed_by: functions("contention::what_no_deal_has_due_is_claimed"),
    },
    Mend {
        wants: "money of one currency that stays for a due in another",
        file: CLAIM,
        before: "",
        find: "other.currency == payable.currency",
        put: "true",
        killed_by: functions("contention::a_claim_leaves"),
    },
    Mend {
        wants: "somebody put forward anew who said no",
        file: TOLD,
        before: "",
        find: "unrefused.map_err(|_| said_no())?",
        put: "unrefused.unwrap_or_default()",
        killed_by: functions("candidates_word::who_said_no_is_not_asked"),
    },
    Mend {
        wants: "somebody shown and placed beside the deal in which they said no",
        file: CONSENT,
        before: "",
        find: "Err(said_no())",
        put: "Ok(Change::new())",
        killed_by: functions("candidates_word::who_said_no_is_not_shown"),
    },
    Mend {
        wants: "a name, read out of skills and firms",
        file: CANDIDATES,
        before: "",
        find: "resume.without_contact(with_name, &candidate.name)",
        put: "Some(resume)",
        killed_by: functions("deals::skills_and_firms"),
    },
    Mend {
        wants: "a report of debts that were paid back",
        file: PAYOUT,
        before: "",
        find: "of(\"reversal\")",
        put: "of(\"payout\")",
        killed_by: functions("payouts::after_a_fall_off_the_transfers"),
    },
    Mend {
        wants: "one person, billed twice in one deal",
        file: PLACED,
        before: "",
        find: "other.candidate_id != candidate",
        put: "false",
        killed_by: functions("owners::one_person_is_not_placed_and_billed_twice"),
    },
    Mend {
        wants: "another's reports, filled with deals that nobody signed",
        file: READING,
        before: "",
        find: "head.binds(tenant)",
        put: "true",
        killed_by: functions("floods::a_stranger_fills_anothers_reports"),
    },
    Mend {
        wants: "terms and grants that name others without number",
        file: LIMIT,
        before: "",
        find: "counted >= self.max",
        put: "false",
        killed_by: functions("floods::a_stranger_grants_junk"),
    },
    Mend {
        wants: "another's list of deals, made slow",
        file: DEALS,
        before: "",
        find: "head.has(tenant)",
        put: "head.employer_id == tenant || head.parties.contains(&tenant)",
        killed_by: functions("floods::a_stranger_makes_anothers_list"),
    },
    Mend {
        wants: "deals that keep the end of a consent from being told",
        file: CONSENTS,
        before: "",
        find: "before.map(|end| end.told_until)",
        put: "before.map(|end| end.told_until).filter(|_| false)",
        killed_by: functions("floods::a_stranger_keeps_the_end_of_a_consent"),
    },
    Mend {
        wants: "a match that outlives the consent",
        file: MATCHER,
        before: "",
        find: "written.contains(&candidate.candidate_id)",
        put: "false",
        killed_by: functions("consent::a_match_that_was_found_while"),
    },
    Mend {
        wants: "what was read before, kept in the index under a later consent",
        file: INDEXER,
        before: "before.document.is_some() && ",
        find: "before.void_until != next.void_until",
        put: "false",
        killed_by: functions("consent::what_was_read_before_a_consent_ended"),
    },
    Mend {
        wants: "one person submitted without number at once",
        file: TOLD,
        before: "let beside = ",
        find: "counted",
        put: "Change::new()",
        killed_by: functions("owners::a_broker_submits_a_person_without_number"),
    },
    Mend {
        wants: "a tenant without an owner",
        file: MEMBERS,
        before: "now.tenant_id == tenant.tenant_id && ",
        find: "is_other(&now)",
        put: "true",
        killed_by: functions("identity::the_last_owner_leaves"),
    },
    Mend {
        wants: "one person placed twice in a deal, the second time by a record that states nothing",
        file: PLACED,
        before: "stays(&held.deal, other, candidate).filter(|_| ",
        find: "stated || other.sure",
        put: "stated",
        killed_by: functions("owners::one_person_is_not_placed_and_billed_twice"),
    },
    Mend {
        wants: "an erasure without end",
        file: ERASURES,
        before: "(is_enough || ",
        find: "read == PAGES_MAX",
        put: "false",
        killed_by: functions("documents::papers_behind_a_thousand"),
    },
    Mend {
        wants: "papers kept because the bucket failed once",
        file: ERASURES,
        before: "",
        find: "put_off.put(&later, Condition::None)",
        put: "put_off",
        killed_by: functions("documents::papers_that_the_bucket"),
    },
    Mend {
        wants: "the client hears what the brokers dispute",
        file: EVENTS,
        before: "",
        find: "for_client || *tenant != self.head.employer_id",
        put: "true",
        killed_by: functions("told::what_the_brokers_argue"),
    },
    Mend {
        wants: "the client reads what the brokers dispute",
        file: ARGUMENTS,
        before: "",
        find: "self.inside || self.held.deal.concerns_client(dispute)",
        put: "true",
        killed_by: functions("told::what_the_brokers_argue"),
    },
    Mend {
        wants: "a report that ends behind its reporter's back",
        file: EVENTS,
        before: "",
        find: "known.ended?",
        put: "known.ended.filter(|_| false)?",
        killed_by: functions("told::the_client_is_told"),
    },
    Mend {
        wants: "somebody erased who is found again",
        file: PEOPLE,
        before: "",
        find: "candidate.filter(|candidate| candidate.erased_at.is_none())",
        put: "candidate",
        killed_by: functions("consent::whoever_is_erased"),
    },
    Mend {
        wants: "the client reads what the brokers say about a stage",
        file: VIEWS,
        before: "",
        find: "inside || is_clients(deal, known)",
        put: "true",
        killed_by: functions("told::what_the_brokers_say_about_a_stage"),
    },
    Mend {
        wants: "a fact that no transaction takes, as it ends too many reports",
        file: EVENTS,
        before: "if ",
        find: "events.len() <= EVENTS_MAX",
        put: "true",
        killed_by: functions("told::what_many_reports_become"),
    },
    Mend {
        wants: "a value that was guessed from a file makes a claim",
        file: "functions/money/deals/src/claims.rs",
        before: "self.named(employer, &",
        find: "read.into_sure()",
        put: "read.resume",
        killed_by: functions("candidates_word::a_contact_that_is_a_suggestion"),
    },
    Mend {
        wants: "an address that was guessed from a file gets a mail",
        file: "functions/money/deals/src/links.rs",
        before: "",
        find: "email.is_sure()",
        put: "true",
        killed_by: functions("candidates_word::a_contact_that_is_a_suggestion"),
    },
    Mend {
        wants: "a client reads the name of somebody whose name was read with doubt",
        file: "functions/money/deals/src/candidates.rs",
        before: "",
        find: "resume.without_contact(with_name, &candidate.name)",
        put: "resume.sure().without_contact(with_name, &candidate.name)",
        killed_by: functions("candidates_word::a_name_that_is_a_suggestion"),
    },
    Mend {
        wants: "an address that was recognised on a picture gets a mail",
        file: "shared/recruiting/resume/src/parse/mod.rs",
        before: "contact.confidence = ",
        find: "contact.confidence.min(UNSURE)",
        put: "contact.confidence",
        killed_by: scans("a_scan_is_read_from"),
    },
    Mend {
        wants: "a word that was hardly recognised is taken for sure",
        file: "shared/recruiting/resume/src/resume.rs",
        before: "field.confidence *= ",
        find: "field.span.map_or(1.0, weight)",
        put: "field.span.map_or(1.0, |span| weight(span).max(1.0))",
        killed_by: scans("a_scan_is_read_from"),
    },
    Mend {
        wants: "a tenant has scans recognised without number",
        file: "functions/recruiting/resume-parser/src/lib.rs",
        before: "Err(Refusal::NeedsOcr) if ",
        find: "self.may_recognise(upload.tenant_id).await?",
        put: "self.reader.reads_scans()",
        killed_by: functions("floods::scans_without"),
    },
    Mend {
        wants: "guesses of the reader take part in a ranking",
        file: "shared/recruiting/ranking/src/profile.rs",
        before: "let resume = &",
        find: "whole.clone().sure()",
        put: "whole.clone()",
        killed_by: functions("road::suggestions_take_no_part"),
    },
    Mend {
        wants: "what was said of a résumé outlasts the consent",
        file: "shared/recruiting/recruiting/src/records/correction.rs",
        before: ".delete(Self::key_of(id), Condition::None)\n            .delete(",
        find: "ResumeCorrections::key_of(id)",
        put: "Self::key_of(id)",
        killed_by: functions("corrections::corrections_go_with_the_consent"),
    },
    Mend {
        wants: "another agency reads who corrected what",
        file: "functions/recruiting/candidates/src/corrections.rs",
        before: "if ",
        find: "access == Access::Granted",
        put: "false",
        killed_by: functions("corrections::what_was_corrected_is_the_own_agencys"),
    },
];
