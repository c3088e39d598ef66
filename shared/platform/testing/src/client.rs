//! A client of the sockets, as a program or an app would be. It asks and waits for the answer, and hears what comes.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use inventure_realtime::{Ack, Action, ClientFrame, Code, Refusal, ServerFrame};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

type Line = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<ServerFrame>>>>;

/// The time for which the client waits for an answer, unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(15);

/// The reason for which there is no answer.
#[derive(Debug)]
pub enum ClientError {
    /// The server refused the handshake with this status.
    Refused(u16),
    /// The connection is closed, or no answer came in time: the action that was asked for may have happened.
    Lost(String),
    /// The server refused the frame.
    Frame(Refusal),
}

/// One connection to the sockets.
pub struct Client {
    line: SplitSink<Line, Message>,
    waiting: Waiting,
    heard: mpsc::UnboundedReceiver<ServerFrame>,
    reader: JoinHandle<()>,
    next: AtomicU64,
    patience: Duration,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Client {
    /// Connects with a ticket.
    ///
    /// # Errors
    /// Fails when the server refuses the handshake, or does not answer.
    pub async fn connect(url: &str, ticket: &str) -> Result<Self, ClientError> {
        Self::connect_within(url, ticket, PATIENCE).await
    }

    /// Connects with a ticket and waits for each answer for the time `patience` and no longer.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect_within(url: &str, ticket: &str, patience: Duration) -> Result<Self, ClientError> {
        use tokio_tungstenite::tungstenite::Error;
        let connected = tokio::time::timeout(patience, connect_async(format!("{url}?ticket={ticket}"))).await;
        let (line, _) = match connected {
            Ok(Ok(connected)) => connected,
            Ok(Err(Error::Http(answer))) => return Err(ClientError::Refused(answer.status().as_u16())),
            Ok(Err(error)) => return Err(ClientError::Lost(error.to_string())),
            Err(_) => return Err(ClientError::Lost("no answer to the handshake".into())),
        };
        let (line, mut incoming) = line.split();
        let waiting = Waiting::default();
        let (told, heard) = mpsc::unbounded_channel();
        let answers = Arc::clone(&waiting);
        let reader = tokio::spawn(async move {
            while let Some(Ok(message)) = incoming.next().await {
                let Message::Text(text) = message else { continue };
                let Ok(frame) = serde_json::from_str::<ServerFrame>(&text) else {
                    continue;
                };
                let of = match &frame {
                    ServerFrame::Ack { id, .. } | ServerFrame::Error { id: Some(id), .. } => Some(id.clone()),
                    _ => None,
                };
                let asker = of.and_then(|id| answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&id));
                match asker {
                    // Who asked may have given up.
                    Some(asker) => drop(asker.send(frame)),
                    None => drop(told.send(frame)),
                }
            }
            // Nobody answers any more: those who wait hear that.
            answers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        });
        Ok(Self {
            line,
            waiting,
            heard,
            reader,
            next: AtomicU64::new(1),
            patience,
        })
    }

    /// Sends a frame and waits for the answer.
    ///
    /// # Errors
    /// Fails when the frame is refused, or no answer comes.
    pub async fn ask(&mut self, action: Action) -> Result<Ack, ClientError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let (asker, answer) = oneshot::channel();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.clone(), asker);
        let frame = serde_json::to_string(&ClientFrame::new(id, action));
        let frame = frame.map_err(|error| ClientError::Lost(error.to_string()))?;
        self.send(Message::text(frame)).await?;
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(ServerFrame::Ack { result, .. })) => Ok(result),
            Ok(Ok(ServerFrame::Error {
                code,
                detail,
                retry_after_ms,
                ..
            })) => Err(ClientError::Frame(Refusal {
                code,
                detail,
                retry_after_ms,
            })),
            Ok(Ok(_)) => Err(ClientError::Frame(Refusal::new(Code::Internal, "no answer to a frame"))),
            Ok(Err(_)) => Err(ClientError::Lost("the connection is closed".into())),
            Err(_) => Err(ClientError::Lost("no answer".into())),
        }
    }

    /// Sends any message as it is.
    ///
    /// # Errors
    /// Fails when the connection is closed.
    pub async fn send(&mut self, message: Message) -> Result<(), ClientError> {
        let sent = self.line.send(message).await;
        sent.map_err(|error| ClientError::Lost(error.to_string()))
    }

    /// Returns the next frame that answers nothing this client asked; nothing once the connection is closed.
    pub async fn next(&mut self) -> Option<ServerFrame> {
        self.heard.recv().await
    }

    /// Returns a frame that has come already.
    pub fn try_next(&mut self) -> Option<ServerFrame> {
        self.heard.try_recv().ok()
    }
}
