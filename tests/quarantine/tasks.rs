//! Every task that works beside the requests panics, at its beginning or in the middle of its work, and each goes on with
//! it: what came meanwhile is announced, taken up, delivered, published and sealed.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Answer, Client, NatsServer};
use serde_json::Value;

use crate::{FOR_EVER, MOODY, Scene};

/// The tasks of every gateway, with the number of rounds that each makes before it panics in two rounds one after the
/// other.
const TASKS: [(&str, u32); 11] = [
    ("reload", 2),
    ("cleaner", 0),
    ("packer", 1),
    ("shipments", 1),
    ("unacknowledged", 1),
    ("refused-keeper", 1),
    ("use-keeper", 0),
    ("sealer", 3),
    ("announcer", 1),
    ("taking-up", 3),
    ("deliverer", 3),
];
/// The task of a gateway that shares its journal, and that of one with a message broker.
const SHARED: (&str, u32) = ("rates", 2);
const BROKER: (&str, u32) = ("nats", 1);

struct Panicking<'a> {
    scene: &'a Scene,
    tasks: Vec<&'static str>,
    gateway: GatewayProcess,
}

impl Panicking<'_> {
    fn start<'a>(scene: &'a Scene, tasks: &[(&'static str, u32)]) -> Panicking<'a> {
        let point = |(task, passed): &(&str, u32)| match passed {
            0 => format!("task::{task}=2*panic"),
            passed => format!("task::{task}={passed}*off->2*panic"),
        };
        let points: Vec<String> = tasks.iter().map(point).collect();
        let gateway = GatewayProcess::start_with_points(&scene.workshop, &points.join(";"));
        Panicking { scene, tasks: tasks.iter().map(|(task, _)| *task).collect(), gateway }
    }

    /// Sends a message. While nobody leases rates the gateway counts its share of them, which begins with nothing.
    async fn send(&self, payload: &str) -> Answer {
        let (client, headers) = (Client::new(self.gateway.partner), self.scene.headers("acme"));
        for _ in 0..600 {
            let answer = client.post(MOODY, &headers, payload.to_owned().into_bytes()).await;
            if answer.problem() != "rate-limited" {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the partner's rate does not come back within a minute");
    }

    async fn ask(&self, path: &str) -> Answer {
        let headers = [("authorization", format!("Bearer {}", self.scene.workshop.credentials.operator_key))];
        Client::new(self.gateway.operator).send(Method::GET, path, &headers, Bytes::new()).await
    }

    /// Waits until an answer is as it should be, and gives it.
    async fn until(&self, path: &str, is_so: impl Fn(&Answer) -> bool) -> Answer {
        let mut last = self.ask(path).await;
        for _ in 0..1_200 {
            if is_so(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            last = self.ask(path).await;
        }
        panic!("{path} is not so within a minute: {last:?}");
    }

    /// The plugin is taken out, a message is parked, and another build takes it up and has it delivered; each task that
    /// does its part of it has panicked on the way.
    async fn go_through(&self) {
        for number in 0..3 {
            let answer = self.send(&format!("trap {number}")).await;
            assert_eq!(answer.problem(), "plugin-failed", "{}", answer.json());
        }
        let parked = self.send("kept").await;
        assert_eq!((parked.status.as_u16(), &parked.json()["state"]), (202, &"parked".into()), "{}", parked.json());
        self.scene.mood("good");
        self.scene.build("1.0.1");
        let place = parked.header("location").to_owned();
        let completed = |answer: &Answer| answer.json()["deliveries"][0]["state"] == "delivered";
        self.until(&place, completed).await;
        assert_eq!(self.scene.portal.taken().len(), 1, "delivered once");
        for kind in ["plugin-quarantined", "plugin-restored"] {
            let sealed = |answer: &Answer| answer.json()["items"].as_array().map(Vec::len) == Some(1);
            self.until(&format!("/v1/audit?kind={kind}"), sealed).await;
        }
        for task in &self.tasks {
            let counted = format!("portgate_task_restarts_total{{task=\"{task}\"}} 2");
            let failing = format!("portgate_task_failing{{task=\"{task}\"}} 1");
            let said =
                |answer: &Answer, line: &str| String::from_utf8_lossy(&answer.body).lines().any(|one| one == line);
            self.until("/metrics", |answer| said(answer, &counted) && said(answer, &failing)).await;
            let ready = self.until("/readyz", |answer| answer.status == 200).await;
            let line = format!("the task `{task}` is begun again: it has failed 2 times");
            assert!(said(&ready, &line), "{}", String::from_utf8_lossy(&ready.body));
            let status = self.ask("/v1/status").await.json();
            let told = status["troubles"].as_array().expect("troubles").iter();
            let told: Vec<&Value> = told.filter(|one| one["kind"] == "task" && one["subject"] == *task).collect();
            assert_eq!(told.len(), 1, "{status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_each_of_whose_tasks_panics_goes_on_with_its_work() {
    let scene = Scene::new(FOR_EVER).await;
    let panicking = Panicking::start(&scene, &TASKS);
    panicking.go_through().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_do_panics_keep_it_from_sharing_rates_and_publishing() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let scene = Scene::new(FOR_EVER).await;
    scene.workshop.keep_in(&server);
    let mut tasks = [&TASKS[..], &[SHARED]].concat();
    let nats = NatsServer::start(true);
    if let Some(nats) = &nats {
        nats.told_by(&scene.workshop);
        tasks.push(BROKER);
    }
    let panicking = Panicking::start(&scene, &tasks);
    panicking.go_through().await;
    if let Some(nats) = nats {
        let of = |kind: &str, event: &Value| event["type"] == kind;
        let published = |kind: &'static str| move |event: &portgate_tests::nats::Published| of(kind, &event.event);
        let all = nats.published(|events| events.iter().any(published("portgate.quarantine.left"))).await;
        assert_eq!(all.iter().filter(|event| published("portgate.quarantine.entered")(event)).count(), 1);
    }
}
