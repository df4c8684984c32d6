//! What the engine shows: the topology, and that it went and came back.

use lab::topology::Topology;

use super::Desk;
use crate::wire::Update;

impl Desk {
    pub(super) fn seen(&mut self, topology: Topology) {
        let was_gone = self.engine.gone.take().is_some();
        if was_gone {
            self.tell_engine();
        }
        let changes = self.topology.changes_to(&topology);
        let is_different = !changes.is_empty();
        if is_different {
            self.topology = topology;
            self.tell(Update::Topology { changes });
        }
        if is_different || was_gone {
            self.ask_goal();
        }
    }

    pub(super) fn engine_gone(&mut self, sentence: String) {
        if self.engine.gone.as_ref() != Some(&sentence) {
            self.engine.gone = Some(sentence);
            self.tell_engine();
        }
    }

    fn tell_engine(&mut self) {
        let engine = self.engine.clone();
        self.tell(Update::Engine { engine });
    }
}
