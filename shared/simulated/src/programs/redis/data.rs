//! What a Redis server holds, and what its commands do with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::resp::Value;
use crate::programs::pattern;

#[derive(Default)]
pub struct Data {
    keys: BTreeMap<String, Held>,
}

struct Held {
    thing: Thing,
    ends: Option<Timestamp>,
}

enum Thing {
    Text(String),
    List(VecDeque<String>),
    Hash(BTreeMap<String, String>),
    Set(BTreeSet<String>),
}

type Answer = Result<Value, String>;

const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_A_NUMBER: &str = "ERR value is not an integer or out of range";

impl Data {
    /// `None`: there is no such command.
    pub fn run(&mut self, name: &str, words: &[String], now: Timestamp) -> Option<Value> {
        self.keys
            .retain(|_, held| held.ends.is_none_or(|ends| ends > now));
        let (least, most) = count(name)?;
        if !(least..=most).contains(&words.len()) {
            return Some(Value::Error(format!(
                "ERR wrong number of arguments for '{name}' command"
            )));
        }
        Some(self.answer(name, words, now).unwrap_or_else(Value::Error))
    }

    fn answer(&mut self, name: &str, words: &[String], now: Timestamp) -> Answer {
        let key = words.first().map_or("", String::as_str);
        match name {
            "ping" => Ok(words
                .first()
                .map_or_else(|| Value::Simple("PONG".to_owned()), Value::text)),
            "echo" => Ok(Value::text(key)),
            "get" => Ok(self.text(key)?.map_or_else(Value::nothing, Value::text)),
            "set" => self.set(words, now),
            "setnx" => {
                let new = !self.keys.contains_key(key);
                if new {
                    self.put(key, Thing::Text(words[1].clone()));
                }
                Ok(Value::Integer(new.into()))
            }
            "getset" => {
                let before = self.text(key)?.map_or_else(Value::nothing, Value::text);
                self.put(key, Thing::Text(words[1].clone()));
                Ok(before)
            }
            "mget" => Ok(Value::Array(
                words
                    .iter()
                    .map(|key| {
                        self.text(key)
                            .ok()
                            .flatten()
                            .map_or_else(Value::nothing, Value::text)
                    })
                    .collect(),
            )),
            "mset" => {
                for pair in words.chunks(2) {
                    self.put(
                        &pair[0],
                        Thing::Text(pair.get(1).cloned().unwrap_or_default()),
                    );
                }
                Ok(ok())
            }
            "append" => {
                let whole = self.text(key)?.unwrap_or_default().to_owned() + &words[1];
                let length = whole.len();
                self.put(key, Thing::Text(whole));
                Ok(length_of(length))
            }
            "strlen" => Ok(length_of(self.text(key)?.unwrap_or_default().len())),
            "incr" => self.add(key, 1),
            "decr" => self.add(key, -1),
            "incrby" => self.add(key, number(&words[1])?),
            "decrby" => self.add(key, -number(&words[1])?),
            "del" | "unlink" => Ok(length_of(
                words
                    .iter()
                    .filter(|key| self.keys.remove(*key).is_some())
                    .count(),
            )),
            "exists" => Ok(length_of(
                words
                    .iter()
                    .filter(|key| self.keys.contains_key(*key))
                    .count(),
            )),
            "keys" => {
                let found = self.keys.keys().filter(|name| pattern::matches(key, name));
                Ok(Value::Array(found.map(Value::text).collect()))
            }
            "dbsize" => Ok(length_of(self.keys.len())),
            "flushall" | "flushdb" => {
                self.keys.clear();
                Ok(ok())
            }
            "type" => Ok(Value::Simple(self.kind(key).to_owned())),
            "expire" => {
                let seconds = number(&words[1])?;
                let ends = now.checked_add(SignedDuration::from_secs(seconds)).ok();
                let found = self.keys.get_mut(key);
                Ok(Value::Integer(
                    found.map(|held| held.ends = ends).is_some().into(),
                ))
            }
            "persist" => {
                let found = self.keys.get_mut(key).and_then(|held| held.ends.take());
                Ok(Value::Integer(found.is_some().into()))
            }
            "ttl" => Ok(Value::Integer(match self.keys.get(key) {
                None => -2,
                Some(Held { ends: None, .. }) => -1,
                Some(Held {
                    ends: Some(ends), ..
                }) => {
                    (i64::try_from(ends.duration_since(now).as_millis()).unwrap_or(i64::MAX - 500)
                        + 500)
                        / 1000
                }
            })),
            "rename" => {
                let held = self.keys.remove(key).ok_or("ERR no such key")?;
                self.keys.insert(words[1].clone(), held);
                Ok(ok())
            }
            name if name.starts_with('h') => self.hash(name, words),
            "sadd" | "srem" | "smembers" | "scard" | "sismember" => self.members(name, words),
            _ => self.list(name, words),
        }
    }

    fn kind(&self, key: &str) -> &'static str {
        match self.keys.get(key).map(|held| &held.thing) {
            None => "none",
            Some(Thing::Text(_)) => "string",
            Some(Thing::List(_)) => "list",
            Some(Thing::Hash(_)) => "hash",
            Some(Thing::Set(_)) => "set",
        }
    }

    fn put(&mut self, key: &str, thing: Thing) {
        self.keys.insert(key.to_owned(), Held { thing, ends: None });
    }

    fn text(&self, key: &str) -> Result<Option<&str>, String> {
        match self.keys.get(key).map(|held| &held.thing) {
            None => Ok(None),
            Some(Thing::Text(text)) => Ok(Some(text)),
            Some(_) => Err(WRONG_TYPE.to_owned()),
        }
    }

    fn set(&mut self, words: &[String], now: Timestamp) -> Answer {
        let key = &words[0];
        let mut ends = None;
        let mut options = words[2..].iter();
        while let Some(option) = options.next() {
            let exists = self.keys.contains_key(key);
            match option.to_ascii_lowercase().as_str() {
                "nx" if exists => return Ok(Value::nothing()),
                "xx" if !exists => return Ok(Value::nothing()),
                "nx" | "xx" | "keepttl" => {}
                unit @ ("ex" | "px") => {
                    let amount = number(options.next().ok_or("ERR syntax error")?)?;
                    if amount <= 0 {
                        return Err("ERR invalid expire time in 'set' command".to_owned());
                    }
                    let duration = if unit == "ex" {
                        SignedDuration::from_secs(amount)
                    } else {
                        SignedDuration::from_millis(amount)
                    };
                    ends = now.checked_add(duration).ok();
                }
                _ => return Err("ERR syntax error".to_owned()),
            }
        }
        let held = Held {
            thing: Thing::Text(words[1].clone()),
            ends,
        };
        self.keys.insert(key.clone(), held);
        Ok(ok())
    }

    fn add(&mut self, key: &str, by: i64) -> Answer {
        let before = self.text(key)?.map_or(Ok(0), number)?;
        let after = before
            .checked_add(by)
            .ok_or("ERR increment or decrement would overflow")?;
        let held = self.keys.entry(key.to_owned()).or_insert_with(|| Held {
            thing: Thing::Text(String::new()),
            ends: None,
        });
        held.thing = Thing::Text(after.to_string());
        Ok(Value::Integer(after))
    }

    fn list(&mut self, name: &str, words: &[String]) -> Answer {
        let key = &words[0];
        if !matches!(self.kind(key), "none" | "list") {
            return Err(WRONG_TYPE.to_owned());
        }
        let held = self.keys.entry(key.clone()).or_insert_with(|| Held {
            thing: Thing::List(VecDeque::new()),
            ends: None,
        });
        let Thing::List(list) = &mut held.thing else {
            return Err(WRONG_TYPE.to_owned());
        };
        let answer = match name {
            "lpush" | "rpush" => {
                for word in &words[1..] {
                    if name == "lpush" {
                        list.push_front(word.clone());
                    } else {
                        list.push_back(word.clone());
                    }
                }
                length_of(list.len())
            }
            "lpop" => list.pop_front().map_or_else(Value::nothing, Value::text),
            "rpop" => list.pop_back().map_or_else(Value::nothing, Value::text),
            "llen" => length_of(list.len()),
            "lindex" => place(number(&words[1])?, list.len())
                .and_then(|at| list.get(at))
                .map_or_else(Value::nothing, Value::text),
            _ => {
                let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
                let bound = |word: &String, low: bool| -> Result<i64, String> {
                    let at = number(word)?;
                    let at = if at < 0 { at + length } else { at };
                    Ok(if low { at.max(0) } else { at })
                };
                let (start, end) = (bound(&words[1], true)?, bound(&words[2], false)?);
                let inside = list
                    .iter()
                    .zip(0_i64..)
                    .filter(|(_, at)| (start..=end).contains(at));
                Value::Array(inside.map(|(text, _)| Value::text(text)).collect())
            }
        };
        if list.is_empty() {
            self.keys.remove(key);
        }
        Ok(answer)
    }

    fn hash(&mut self, name: &str, words: &[String]) -> Answer {
        let key = &words[0];
        if !matches!(self.kind(key), "none" | "hash") {
            return Err(WRONG_TYPE.to_owned());
        }
        let held = self.keys.entry(key.clone()).or_insert_with(|| Held {
            thing: Thing::Hash(BTreeMap::new()),
            ends: None,
        });
        let Thing::Hash(hash) = &mut held.thing else {
            return Err(WRONG_TYPE.to_owned());
        };
        let answer = match name {
            "hset" => {
                let mut new = 0;
                for pair in words[1..].chunks(2) {
                    let [field, value] = pair else {
                        return Err("ERR wrong number of arguments for 'hset' command".to_owned());
                    };
                    new += i64::from(hash.insert(field.clone(), value.clone()).is_none());
                }
                Value::Integer(new)
            }
            "hget" => hash.get(&words[1]).map_or_else(Value::nothing, Value::text),
            "hdel" => length_of(
                words[1..]
                    .iter()
                    .filter(|field| hash.remove(*field).is_some())
                    .count(),
            ),
            "hlen" => length_of(hash.len()),
            "hexists" => Value::Integer(hash.contains_key(&words[1]).into()),
            "hkeys" => Value::Array(hash.keys().map(Value::text).collect()),
            "hvals" => Value::Array(hash.values().map(Value::text).collect()),
            "hincrby" => {
                let value = hash.get(&words[1]).map_or(Ok(0), number)? + number(&words[2])?;
                hash.insert(words[1].clone(), value.to_string());
                Value::Integer(value)
            }
            _ => Value::Array(
                hash.iter()
                    .flat_map(|(field, value)| [Value::text(field), Value::text(value)])
                    .collect(),
            ),
        };
        if hash.is_empty() {
            self.keys.remove(key);
        }
        Ok(answer)
    }

    fn members(&mut self, name: &str, words: &[String]) -> Answer {
        let key = &words[0];
        if !matches!(self.kind(key), "none" | "set") {
            return Err(WRONG_TYPE.to_owned());
        }
        let held = self.keys.entry(key.clone()).or_insert_with(|| Held {
            thing: Thing::Set(BTreeSet::new()),
            ends: None,
        });
        let Thing::Set(set) = &mut held.thing else {
            return Err(WRONG_TYPE.to_owned());
        };
        let answer = match name {
            "sadd" => length_of(
                words[1..]
                    .iter()
                    .filter(|word| set.insert((*word).clone()))
                    .count(),
            ),
            "srem" => length_of(words[1..].iter().filter(|word| set.remove(*word)).count()),
            "scard" => length_of(set.len()),
            "sismember" => Value::Integer(set.contains(&words[1]).into()),
            _ => Value::Array(set.iter().map(Value::text).collect()),
        };
        if set.is_empty() {
            self.keys.remove(key);
        }
        Ok(answer)
    }
}

fn ok() -> Value {
    Value::Simple("OK".to_owned())
}

fn length_of(length: usize) -> Value {
    Value::Integer(i64::try_from(length).unwrap_or(i64::MAX))
}

fn number(text: impl AsRef<str>) -> Result<i64, String> {
    text.as_ref().parse().map_err(|_| NOT_A_NUMBER.to_owned())
}

fn place(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if at < 0 { at + length } else { at }).ok()
}

/// How many words a command takes.
fn count(name: &str) -> Option<(usize, usize)> {
    const MANY: usize = usize::MAX;
    Some(match name {
        "ping" | "flushall" | "flushdb" => (0, 1),
        "dbsize" => (0, 0),
        "echo" | "get" | "strlen" | "incr" | "decr" | "keys" | "type" | "persist" | "ttl"
        | "lpop" | "rpop" | "llen" | "hlen" | "hkeys" | "hvals" | "hgetall" | "smembers"
        | "scard" => (1, 1),
        "del" | "unlink" | "exists" | "mget" => (1, MANY),
        "setnx" | "getset" | "append" | "incrby" | "decrby" | "rename" | "lindex" | "hget"
        | "hexists" | "sismember" => (2, 2),
        "expire" => (2, 3),
        "set" | "mset" | "lpush" | "rpush" | "hdel" | "sadd" | "srem" => (2, MANY),
        "lrange" | "hincrby" => (3, 3),
        "hset" => (3, MANY),
        _ => return None,
    })
}
