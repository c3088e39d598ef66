//! Tests rooms whose sockets break and whose functions are killed, with every message sent and delivered twice.
//! There are a hundred connections in ten rooms, or with `cargo xtask test storm` a thousand in a hundred. Nobody misses anything,
//! nobody sees anything twice, everybody sees the same order. A binary of its own: it kills what other tests use.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it did not expect has failed"
)]

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable};
use futures_util::{StreamExt, stream};
use inventure_api::config;
use inventure_core::RoomId;
use inventure_realtime::{Ack, Action, Code, RoomView, ServerFrame, Step};
use inventure_testing::{Client, ClientError};
use inventure_tests::{Person, Stack, id};
use serde_json::json;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};
use uuid::Uuid;

/// The variable that says how many rooms there are.
const ROOMS_VARIABLE: &str = "INVENTURE_STORM_ROOMS";
/// The number of rooms without that variable.
const ROOMS_FEW: usize = 10;
/// The number of rooms.
static ROOMS: LazyLock<usize> = LazyLock::new(|| config::parsed(ROOMS_VARIABLE).unwrap_or(ROOMS_FEW));
/// Connections in each room, each of another person.
const SEATS: usize = 10;
/// The number of people. Connections that broke count against their person's limit for a while, so nobody has many.
const PEOPLE: usize = 100;
/// Of so many connections one sends two messages, one sends one, and the others listen.
const TALKATIVE: usize = 5;
/// The number of requests under way at once. The emulator works on one core: more of them only wait for longer, until they are taken
/// for lost.
const AT_ONCE: usize = 8;
/// The number of times that the chat function is killed.
const KILLS: u32 = 6;
const KILL_EVERY: Duration = Duration::from_secs(4);
/// The number of connections of which one gives signs of life, and so hears everything without asking. The others are silent: one that
/// waits for longer than the platform does is given up, and comes back.
const ALIVE: usize = 4;
/// The pause between their signs of life. It is well within the ninety seconds after which a connection is given up.
const HEARTBEAT: Duration = Duration::from_mins(1);
/// The time after the last answer by which everything is heard that was said.
const HEARD_WITHIN: Duration = Duration::from_mins(1);
/// The time that an answer may take before it is taken for lost.
const PATIENCE: Duration = Duration::from_secs(8);

/// The counts of what happened, to be told at the end.
#[derive(Default)]
struct Tally {
    cut: AtomicU64,
    resumed: AtomicU64,
    repeated: AtomicU64,
    lost_answers: AtomicU64,
    gaps: AtomicU64,
    known: AtomicU64,
    killed: AtomicU64,
}

/// A connection of somebody in a room, as an app would keep it.
struct Seat {
    person: Arc<Person>,
    room: RoomId,
    number: usize,
    view: RoomView,
    client: Option<Client>,
    /// The ids of what it sent, in order.
    sent: Vec<Uuid>,
    /// Whether it had to ask for something, after a gap or on a new connection.
    asked: bool,
    /// Whether an entry is missing before one that came.
    gap: bool,
    /// Whether it gives signs of life.
    alive: bool,
    gate: Arc<Semaphore>,
    tally: Arc<Tally>,
    last_sign: Instant,
}

impl Seat {
    async fn connect(&mut self) {
        let connect = || async {
            let _permit = self.gate.acquire().await.unwrap();
            let person = Arc::clone(&self.person);
            let asked = tokio::task::spawn_blocking(move || person.write("POST", "/socket-tickets", &json!({})));
            let ticket = asked.await.unwrap();
            if ticket.status != 201 {
                return Err(ClientError::Lost(ticket.body.to_string()));
            }
            let text = |field: &str| ticket.body[field].as_str().unwrap().to_owned();
            Client::connect_within(&text("url"), &text("ticket"), PATIENCE).await
        };
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(3))
            .with_max_times(20);
        self.client = Some(connect.retry(backoff).await.expect("a connection in twenty tries"));
        self.last_sign = Instant::now();
    }

    /// Asks, on a new connection where the old one is lost. The server has to see to it that nothing happens twice that must not.
    async fn ask(&mut self, action: Action) -> Ack {
        for _ in 0..20 {
            if self.client.is_none() {
                self.asked = true;
                self.connect().await;
                if !matches!(action, Action::Resume { .. }) {
                    Box::pin(self.resume()).await;
                }
            }
            let gate = Arc::clone(&self.gate);
            let permit = gate.acquire().await.unwrap();
            match self.client.as_mut().unwrap().ask(action.clone()).await {
                Ok(ack) => return ack,
                Err(ClientError::Frame(refusal)) if refusal.code.is_transient() => {
                    let wait = refusal.retry_after_ms.unwrap_or(200);
                    drop(permit);
                    self.listen_for(Duration::from_millis(wait)).await;
                }
                Err(error) => self.lose(error),
            }
        }
        panic!("no answer in twenty tries");
    }

    /// Loses the connection, which is of no use any more: it is broken, or was given up.
    fn lose(&mut self, error: ClientError) {
        match error {
            ClientError::Lost(_) => {}
            ClientError::Frame(refusal) if refusal.code == Code::SessionEnded => {}
            error => panic!("{error:?}"),
        }
        self.tally.lost_answers.fetch_add(1, Ordering::Relaxed);
        self.client = None;
    }

    async fn resume(&mut self) {
        self.tally.resumed.fetch_add(1, Ordering::Relaxed);
        loop {
            let rooms = vec![self.view.position(self.room)];
            let Ack::Resume { rooms, unavailable } = self.ask(Action::Resume { rooms }).await else {
                panic!("no resume");
            };
            assert!(unavailable.is_empty(), "{unavailable:?}");
            self.gap = false;
            let lost = self.view.resumed(&rooms[0]);
            assert!(lost.is_none(), "nothing was lost, so nothing may be called lost");
            if !rooms[0].more {
                return;
            }
        }
    }

    /// Takes what has come. Returns whether there is a gap.
    fn listen(&mut self) -> bool {
        while let Some(frame) = self.client.as_mut().and_then(Client::try_next) {
            self.take(frame);
        }
        self.gap
    }

    /// Takes what comes within this time, or until the connection breaks.
    async fn listen_for(&mut self, time: Duration) {
        let until = tokio::time::Instant::now() + time;
        while let Some(client) = self.client.as_mut() {
            match tokio::time::timeout_at(until, client.next()).await {
                Ok(Some(frame)) => self.take(frame),
                Ok(None) => self.client = None,
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, frame: ServerFrame) {
        let ServerFrame::Entry { entry } = frame else {
            return;
        };
        match self.view.take(entry) {
            Step::Gap => {
                self.tally.gaps.fetch_add(1, Ordering::Relaxed);
                self.gap = true;
            }
            Step::Known => {
                self.tally.known.fetch_add(1, Ordering::Relaxed);
            }
            Step::Shown(_) => self.gap = false,
            Step::OtherEpoch => panic!("another epoch"),
        }
    }

    /// Waits for everything that is said in the room to come by itself. Returns whether it did; it need not if the connection is lost.
    async fn hear(&mut self, all: usize, deadline: Instant) -> bool {
        self.listen();
        while self.view.shown().len() < all {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(client) = self.client.as_mut() else {
                return false;
            };
            match tokio::time::timeout(left, client.next()).await {
                Ok(Some(frame)) => self.take(frame),
                Ok(None) => return false,
                Err(late) => panic!("{} of {all} came by themselves: {late}", self.view.shown().len()),
            }
        }
        true
    }

    /// Gives a sign of life, when it is time: a connection that is silent for too long is given up.
    async fn ping(&mut self) {
        if !self.alive || self.last_sign.elapsed() < HEARTBEAT {
            return;
        }
        self.last_sign = Instant::now();
        // Out of turn: a thousand wait for theirs.
        if let Some(client) = self.client.as_mut() {
            match client.ask(Action::Ping {}).await {
                Ok(answer) => assert_eq!(answer, Ack::Done {}),
                Err(ClientError::Frame(refusal)) if refusal.code.is_transient() => {}
                Err(error) => self.lose(error),
            }
        }
    }

    /// Stays until everybody has said everything.
    async fn stay(mut self, mut over: watch::Receiver<usize>) -> Self {
        while tokio::time::timeout(HEARTBEAT / 12, over.wait_for(|left| *left == 0))
            .await
            .is_err()
        {
            self.ping().await;
            if self.listen() {
                self.asked = true;
                self.resume().await;
            }
        }
        self
    }

    async fn talk(mut self) -> Self {
        self.connect().await;
        self.resume().await;
        for n in 0..messages(self.number) {
            self.ping().await;
            let message = Uuid::new_v4();
            let chance = message.as_bytes()[0];
            let action = Action::Send {
                room: self.room,
                message,
                text: format!("{} {n}", self.number),
                mentions: Vec::new(),
                reply_to: None,
                attachments: Vec::new(),
            };
            let first = self.ask(action.clone()).await;
            // Sent again, as after an answer that got lost: the others are told again, too.
            self.tally.repeated.fetch_add(1, Ordering::Relaxed);
            assert_eq!(self.ask(action).await, first);
            self.sent.push(message);
            if chance > cut_above() {
                self.tally.cut.fetch_add(1, Ordering::Relaxed);
                self.client = None;
            }
            if self.listen() {
                self.asked = true;
                self.resume().await;
            }
        }
        self
    }
}

/// The byte above which a random one cuts the connection. Of few messages more are cut, so that some are among them.
fn cut_above() -> u8 {
    if *ROOMS > ROOMS_FEW { 250 } else { 200 }
}

/// Returns the number of messages that a connection sends.
fn messages(number: usize) -> u64 {
    // Another seat in each room, so that every room has some.
    match (number / *ROOMS + number % *ROOMS) % TALKATIVE {
        0 => 2,
        1 => 1,
        _ => 0,
    }
}

/// Returns the number of messages that are sent in a room by all who are in it.
fn said(room: usize) -> usize {
    let numbers = (room..*ROOMS * SEATS).step_by(*ROOMS);
    numbers.map(messages).sum::<u64>() as usize
}

/// Kills the processes that run a function on this stack.
fn kill(function: &str, endpoint: &str) -> u64 {
    let mut killed = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment);
        let has = |wanted: &str| environment.split('\0').any(|variable| variable == wanted);
        if has(&format!("AWS_LAMBDA_FUNCTION_NAME={function}")) && has(&format!("AWS_ENDPOINT_URL={endpoint}")) {
            let pid = entry.file_name().to_string_lossy().into_owned();
            killed += u64::from(
                Command::new("kill")
                    .args(["-9", &pid])
                    .status()
                    .is_ok_and(|status| status.success()),
            );
        }
    }
    killed
}

/// People of one agency, and rooms with ten of them each.
fn rooms() -> (Vec<Arc<Person>>, Vec<RoomId>) {
    let stack = Stack::running();
    let (owner, tenant) = stack.agency("storm");
    let people: Vec<(Arc<Person>, String)> = thread::scope(|scope| {
        let batches: Vec<_> = (0..8)
            .map(|worker| {
                let (stack, owner, tenant) = (&stack, &owner, &tenant);
                scope.spawn(move || {
                    let join = |_| {
                        let person = stack.person("storm");
                        let invite = json!({ "email": person.email, "role": "broker" });
                        let invite = owner
                            .write("POST", &format!("/tenants/{tenant}/invitations"), &invite)
                            .expect(201);
                        let accept = json!({ "token": invite["token"] });
                        let member = person.write("POST", "/invitations/accept", &accept).expect(201);
                        (Arc::new(person), id(&member))
                    };
                    (worker..PEOPLE).step_by(8).map(join).collect::<Vec<_>>()
                })
            })
            .collect();
        batches.into_iter().flat_map(|batch| batch.join().unwrap()).collect()
    });
    let rooms: Vec<(usize, RoomId)> = thread::scope(|scope| {
        let batches: Vec<_> = (0..8)
            .map(|worker| {
                let (owner, tenant, people) = (&owner, &tenant, &people);
                scope.spawn(move || {
                    let open = |room: usize| {
                        let topic = json!({ "kind": "topic", "title": format!("Room {room}") });
                        let topic = id(&owner.write("POST", "/rooms", &topic).expect(201));
                        for seat in 0..SEATS {
                            let member = &people[(room * SEATS + seat) % PEOPLE].1;
                            let let_in = json!({ "tenant_id": tenant, "member_id": member });
                            let _ = owner
                                .write("POST", &format!("/rooms/{topic}/members"), &let_in)
                                .expect(201);
                        }
                        (room, topic.parse().unwrap())
                    };
                    (worker..*ROOMS).step_by(8).map(open).collect::<Vec<_>>()
                })
            })
            .collect();
        batches.into_iter().flat_map(|batch| batch.join().unwrap()).collect()
    });
    let rooms: BTreeMap<usize, RoomId> = rooms.into_iter().collect();
    (
        people.into_iter().map(|(person, _)| person).collect(),
        rooms.into_values().collect(),
    )
}

/// Checks that everybody in a room has the same entries in the same order. Each message is there once, without a gap, and each sender's
/// in the order they were sent.
fn all_saw_the_same(inside: &[&Seat]) {
    assert_eq!(inside.len(), SEATS);
    let shown = |seat: &Seat| {
        seat.view
            .shown()
            .iter()
            .map(|entry| (entry.offset, entry.message))
            .collect::<Vec<_>>()
    };
    // Who came last saw the newest fifty: here that is everything.
    let longest = inside.iter().map(|seat| shown(seat)).max_by_key(Vec::len).unwrap();
    let expected: u64 = inside.iter().map(|seat| messages(seat.number)).sum();
    assert_eq!(longest.len() as u64, expected, "each message once, none lost");
    assert!(
        longest.iter().zip(1..).all(|((offset, _), wanted)| *offset == wanted),
        "no gap: {longest:?}"
    );
    for seat in inside {
        assert_eq!(shown(seat), longest, "everybody saw the same, in the same order");
        let own = longest
            .iter()
            .filter(|(_, message)| seat.sent.contains(message))
            .map(|(_, message)| *message);
        assert_eq!(
            own.collect::<Vec<_>>(),
            seat.sent,
            "a sender's messages in the order they were sent"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_lose_nothing_whoever_breaks_or_dies() {
    let begun = Instant::now();
    let (people, rooms) = rooms();
    let ready = begun.elapsed();
    let (gate, tally) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Tally::default()));
    let (over, until_over) = mpsc::channel::<()>();
    let reaper = {
        let tally = Arc::clone(&tally);
        let stack = Stack::running();
        let (function, endpoint) = (stack.function("chat"), stack.endpoint().to_owned());
        thread::spawn(move || {
            for _ in 0..KILLS {
                if until_over.recv_timeout(KILL_EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                tally.killed.fetch_add(kill(&function, &endpoint), Ordering::Relaxed);
            }
        })
    };
    let left = Arc::new(watch::Sender::new(*ROOMS * SEATS));
    let mut talks = JoinSet::new();
    for number in 0..*ROOMS * SEATS {
        let (room, seat) = (number % *ROOMS, number / *ROOMS);
        let seat = Seat {
            person: Arc::clone(&people[(room * SEATS + seat) % PEOPLE]),
            room: rooms[room],
            number,
            view: RoomView::default(),
            client: None,
            sent: Vec::new(),
            asked: false,
            gap: false,
            // By the room as well, so that every room has some of both.
            alive: (seat + room).is_multiple_of(ALIVE),
            last_sign: Instant::now(),
            gate: Arc::clone(&gate),
            tally: Arc::clone(&tally),
        };
        let (left, all_left) = (Arc::clone(&left), left.subscribe());
        talks.spawn(async move {
            let seat = seat.talk().await;
            left.send_modify(|left| *left -= 1);
            seat.stay(all_left).await
        });
    }
    let mut seats = Vec::new();
    // Whichever ends first: of one that fails the others would wait for the last word.
    while let Some(talk) = talks.join_next().await {
        seats.push(talk.unwrap());
    }
    drop(over);
    reaper.join().unwrap();
    // Who kept their connection and met no gap hears everything without asking: it is delivered, and not only kept.
    let deadline = Instant::now() + HEARD_WITHIN;
    let mut heard = 0;
    for seat in seats.iter_mut().filter(|seat| seat.alive && !seat.asked) {
        heard += usize::from(seat.hear(said(seat.number % *ROOMS), deadline).await);
    }
    assert!(
        heard > *ROOMS * SEATS / ALIVE / 2,
        "only {heard} had nothing to ask for"
    );
    // Whoever has not heard everything asks once more for what they may have missed, as they would with their next heartbeat.
    let mut seats: Vec<Seat> = stream::iter(seats)
        .map(|mut seat| async move {
            seat.listen();
            if seat.view.shown().len() < said(seat.number % *ROOMS) {
                seat.resume().await;
                seat.listen();
            }
            seat
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let talked = begun.elapsed().saturating_sub(ready);
    seats.sort_by_key(|seat| seat.number);

    for room in rooms {
        all_saw_the_same(&seats.iter().filter(|seat| seat.room == room).collect::<Vec<_>>());
    }
    let told = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{} connections, {} messages, {} sent twice, {} sockets cut, {} processes killed, {} answers lost, {} resumes, {} gaps seen and \
         filled, {heard} who heard all without asking, {} entries that came again; ready in {:.0} s, talked for {:.0} s",
        seats.len(),
        seats.iter().map(|seat| seat.sent.len()).sum::<usize>(),
        told(&tally.repeated),
        told(&tally.cut),
        told(&tally.killed),
        told(&tally.lost_answers),
        told(&tally.resumed),
        told(&tally.gaps),
        told(&tally.known),
        ready.as_secs_f64(),
        talked.as_secs_f64(),
    );
    assert!(told(&tally.killed) > 0 && told(&tally.cut) > 0, "nothing was broken");
    assert!(
        told(&tally.known) > 0,
        "everything was delivered twice, and nobody heard anything twice"
    );
}
