//! Stands in for the surroundings of a function that is driven without the emulator.
//! These are the Runtime API that hands it events, the connections' other ends, the queue, and tables for a caller that does not want
//! the emulator's. There is a thread for each connection, since there are as many as a function's client opens and no more.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow, bail};
use inventure_stack::{
    aws::{LOCAL_KEY, LOCAL_REGION},
    package::Build,
};
use serde_json::{Value, json};

use super::{memory::Memory, tables::Tables};

/// The time that a function may take over one event, as its deadline says.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The longest that a log lags its answer.
const VOICE: Duration = Duration::from_millis(100);

pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Request {
    method: String,
    path: String,
    /// The operation, of the header `x-amz-target`, where all have one path.
    target: String,
    body: String,
}

#[derive(Default)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    fn json(body: &Value) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/x-amz-json-1.0".to_owned())],
            body: body.to_string(),
        }
    }
}

/// Reads the next request on a connection; `None` once the other end has closed it.
fn read(connection: &mut BufReader<TcpStream>) -> Result<Option<Request>> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut target, mut length) = (String::new(), 0);
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "transfer-encoding" => bail!("a request without its length"),
            "x-amz-target" => value.trim().clone_into(&mut target),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok(Some(Request {
        method,
        path,
        target,
        body: String::from_utf8(body)?,
    }))
}

fn write(connection: &mut TcpStream, answer: &Answer) -> Result<()> {
    let headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let (status, length, headers, body) = (answer.status, answer.body.len(), headers.concat(), &answer.body);
    let text = format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    // In one piece: two would wait for each other's acknowledgement.
    Ok(connection.write_all(text.as_bytes())?)
}

/// Answers requests on a free port of this machine until the task ends.
fn serve(answer: impl Fn(Request) -> Answer + Send + Sync + 'static) -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || -> Result<()> {
                connection.set_nodelay(true)?;
                let mut writer = connection.try_clone()?;
                let mut reader = BufReader::new(connection);
                // An error ends the connection, and the function at its other end says so.
                while let Some(request) = read(&mut reader)? {
                    write(&mut writer, &answer(request))?;
                }
                Ok(())
            });
        }
    });
    Ok(address)
}

/// A frame that was posted to a connection.
pub struct Post {
    /// The connection's id.
    pub connection: String,
    /// The time at which the frame arrived.
    pub at: Instant,
    /// The text of the frame.
    pub frame: String,
}

/// The connections' other ends, the queue, and tables.
pub struct Platform {
    /// Its address, `http://…`.
    pub endpoint: String,
    posts: Arc<Mutex<Vec<Post>>>,
    /// Messages of the queue, in the order in which they came.
    pub jobs: Mutex<Receiver<String>>,
}

impl Platform {
    /// Starts the platform.
    pub fn start() -> Result<Self> {
        let posts = Arc::new(Mutex::new(Vec::new()));
        let (sender, jobs) = mpsc::channel();
        let (arrived, sender) = (Arc::clone(&posts), Mutex::new(sender));
        let memory = Memory::default();
        let address = serve(move |request| {
            let at = Instant::now();
            if let ("POST", Some((_, connection))) =
                (request.method.as_str(), request.path.split_once("/@connections/"))
            {
                let connection = connection.to_owned();
                let frame = request.body;
                lock(&arrived).push(Post { connection, at, frame });
                return Answer {
                    status: 200,
                    ..Answer::default()
                };
            }
            if request.target == "AmazonSQS.SendMessageBatch" {
                return take(&request.body, &lock(&sender));
            }
            if let Some(operation) = request.target.strip_prefix("DynamoDB_20120810.") {
                let asked: Value = serde_json::from_str(&request.body).unwrap_or_default();
                return match memory.answer(operation, &asked) {
                    Ok(answer) => Answer::json(&answer),
                    Err(error) => Answer {
                        status: 400,
                        ..Answer::json(&json!({ "__type": "ValidationException", "message": error.to_string() }))
                    },
                };
            }
            Answer {
                status: 404,
                ..Answer::default()
            }
        })?;
        Ok(Self {
            endpoint: format!("http://{address}"),
            posts,
            jobs: Mutex::new(jobs),
        })
    }

    /// Returns the number of frames that were posted since they were last taken.
    pub fn posted(&self) -> usize {
        lock(&self.posts).len()
    }

    /// Takes the frames that were posted.
    pub fn take(&self) -> Vec<Post> {
        std::mem::take(&mut lock(&self.posts))
    }
}

/// Takes a batch into the queue.
fn take(batch: &str, queue: &Sender<String>) -> Answer {
    let batch: Value = serde_json::from_str(batch).unwrap_or_default();
    let mut taken = Vec::new();
    for entry in batch["Entries"].as_array().into_iter().flatten() {
        let body = entry["MessageBody"].as_str().unwrap_or_default().to_owned();
        // Nobody is left to read it only when the task is over.
        let _ = queue.send(body);
        taken.push(json!({ "Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": "" }));
    }
    Answer::json(&json!({ "Successful": taken, "Failed": [] }))
}

/// Functions that are driven directly, on a stack's tables.
pub struct Driven {
    pub tables: Tables,
    pub platform: Platform,
    /// The build of the functions' binaries. Cargo leaves them in `target`.
    pub build: Build,
    pub target: PathBuf,
}

impl Driven {
    /// The same functions on tables that answer at once, and hold nothing yet.
    pub fn with_own_tables(&self) -> Result<Self> {
        let platform = Platform::start()?;
        Ok(Self {
            tables: Tables::at(&platform.endpoint, "main", "connections"),
            platform,
            build: self.build,
            target: self.target.clone(),
        })
    }

    /// Starts a function.
    pub fn start(&self, function: &str) -> Result<Function> {
        let queue = format!("{}/queue", self.platform.endpoint);
        Function::start(
            &self.build.binary(&self.target, function),
            &[
                ("AWS_ENDPOINT_URL", &self.platform.endpoint),
                ("AWS_ENDPOINT_URL_DYNAMODB", &self.tables.endpoint),
                ("TABLE_NAME", &self.tables.main),
                ("CONNECTIONS_TABLE_NAME", &self.tables.connections),
                ("SOCKET_API_ID", "bench"),
                ("SOCKET_STAGE", "live"),
                ("FANOUT_QUEUE_URL", &queue),
                ("DOCUMENTS_BUCKET", "bench"),
            ],
        )
    }
}

/// A function's process, with a Runtime API of its own.
pub struct Function {
    process: Child,
    events: Sender<String>,
    answers: Receiver<Result<String, String>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Function {
    /// Starts a function with what it needs to know beside what every function knows.
    fn start(binary: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        let (events, next) = mpsc::channel::<String>();
        let (answered, answers) = mpsc::channel();
        let (next, answered) = (Mutex::new(next), Mutex::new(answered));
        let address = serve(move |request| {
            if request.path.ends_with("/invocation/next") {
                // Without a next event the task is over, and the function with it.
                return lock(&next).recv().map_or_else(|_| Answer::default(), invocation);
            }
            let answer = if request.path.ends_with("/response") {
                Ok(request.body)
            } else {
                Err(request.body)
            };
            let _ = lock(&answered).send(answer);
            Answer {
                status: 202,
                ..Answer::default()
            }
        })?;
        let mut process = Command::new(binary)
            .env_clear()
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.to_string().as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
                ("AWS_REGION", LOCAL_REGION),
                ("AWS_ACCESS_KEY_ID", LOCAL_KEY),
                ("AWS_SECRET_ACCESS_KEY", LOCAL_KEY),
                ("STAGE", "bench"),
            ])
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, voice) = (
            Arc::clone(&said),
            process.stdout.take().context("a function without a voice")?,
        );
        thread::spawn(move || {
            for line in BufReader::new(voice).lines().map_while(Result::ok) {
                lock(&lines).push(line);
            }
        });
        Ok(Self {
            process,
            events,
            answers,
            said,
        })
    }

    /// Hands the function an event and waits for what it makes of it.
    pub fn invoke(&mut self, event: &Value) -> Result<Value> {
        self.events.send(event.to_string())?;
        let answer = self.answers.recv_timeout(TIMEOUT).with_context(|| {
            let ended = self.process.try_wait().ok().flatten();
            ended.map_or_else(
                || "the function does not answer".to_owned(),
                |how| format!("the function ended: {how}"),
            )
        })?;
        let answer = answer.map_err(|error| anyhow!("the function failed: {error}"))?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// Returns the function's log so far, a JSON object a line.
    pub fn said(&self) -> Vec<String> {
        // What it says and what it answers come by two ways.
        thread::sleep(VOICE);
        lock(&self.said).clone()
    }

    /// The most memory that the process had, in kB.
    pub fn peak_kb(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let high = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let high = high.and_then(|high| high.split_whitespace().next());
        Ok(high
            .context("the system does not say how much memory a process had")?
            .parse()?)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An event, as the Runtime API hands it over.
fn invocation(event: String) -> Answer {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Answer {
        status: 200,
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("lambda-runtime-aws-request-id", "bench".to_owned()),
            ("lambda-runtime-deadline-ms", (now + TIMEOUT).as_millis().to_string()),
            (
                "lambda-runtime-invoked-function-arn",
                format!("arn:aws:lambda:{LOCAL_REGION}:000000000000:function:bench"),
            ),
        ],
        body: event,
    }
}

#[cfg(test)]
mod tests {
    use inventure_http_client::Request;

    use super::*;

    #[test]
    fn posts_are_noted_and_jobs_queued() {
        let platform = Platform::start().unwrap();
        let post = format!("{}/_aws/execute-api/bench/live/@connections/one", platform.endpoint);
        for frame in ["first", "second"] {
            assert_eq!(Request::post(&post).body(frame).send(TIMEOUT).unwrap().status, 200);
        }
        let noted = platform.take();
        let noted: Vec<_> = noted
            .iter()
            .map(|post| (post.connection.as_str(), post.frame.as_str()))
            .collect();
        assert_eq!(noted, [("one", "first"), ("one", "second")]);
        assert_eq!(platform.posted(), 0, "taken is taken");

        let batch = json!({ "Entries": [{ "Id": "0", "MessageBody": "a" }, { "Id": "1", "MessageBody": "b" }] });
        let request = Request::post(&platform.endpoint).header("x-amz-target", "AmazonSQS.SendMessageBatch");
        let answer = request.body(batch.to_string()).send(TIMEOUT).unwrap().expect(200);
        assert_eq!(answer["Successful"].as_array().map(Vec::len), Some(2));
        let jobs: Vec<String> = lock(&platform.jobs).try_iter().collect();
        assert_eq!(jobs, ["a", "b"]);
    }
}
