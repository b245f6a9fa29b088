//! Gives the workflow what it stands on: how shipments are made now, by the policies of the moment.

use std::sync::Arc;

use jiff::Timestamp;
use portgate_workflow::{Plan, Plans};

use crate::clock::now;
use crate::state::State;

/// The plan of the running configuration.
pub(crate) struct RunningPlan(pub(crate) Arc<State>);

impl Plans for RunningPlan {
    fn plan(&self) -> Option<Plan> {
        self.0.configuration.load().shipments.clone()
    }

    fn now(&self) -> Timestamp {
        now()
    }
}
