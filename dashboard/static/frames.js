/**
 * Frames of the websocket as the page reads them: a mirror of dashboard/frames.py and of the words in vitals/.
 *
 * A property in brackets may be absent on the wire. A test compares every name here with the Python structs, so the two
 * cannot drift apart. This file holds types only.
 */

/** @typedef {"high" | "medium" | "low" | "info"} Priority */
/** @typedef {"physiological" | "technical"} Family */
/** @typedef {"inactive" | "pending" | "active" | "clearing"} Condition */
/** @typedef {"off" | "on" | "latched" | "acknowledged"} Signal */
/** @typedef {"participant" | "sensor" | "gateway" | "part"} SubjectKind */
/** @typedef {">" | "<" | ">=" | "<="} Operator */
/** @typedef {"good" | "questionable" | "unusable"} Quality */
/** @typedef {"agree" | "disagree" | "unknown"} Agreement */
/** @typedef {"normal" | "fast" | "slow" | "spot"} Averaging */
/** @typedef {"notified" | "polled" | "broadcast"} Source */
/** @typedef {"real" | "replayed" | "simulated" | "test"} GenerationMode */
/** @typedef {"rest" | "warm_up" | "training" | "cool_down" | "recovery"} Phase */

/**
 * @typedef {object} Silence
 * @property {number} stale_ms
 * @property {number} lost_ms
 */

/**
 * @typedef {object} ValueView
 * @property {number | null} value
 * @property {string} unit
 * @property {number | null} [at_ms]
 * @property {Quality} [quality]
 * @property {string | null} [reason]
 * @property {string[]} [doubts]
 */

/**
 * @typedef {object} LimitView
 * @property {number} value
 * @property {string} reason
 */

/** @typedef {[at_ms: number, bpm: number | null]} TracePoint */

/**
 * @typedef {object} TileView
 * @property {string} id
 * @property {number} seat
 * @property {string} alias
 * @property {ValueView | null} [hr]
 * @property {ValueView | null} [spo2]
 * @property {string} [hr_sensor]
 * @property {string} [spo2_sensor]
 * @property {number | null} [hr_battery_pct]
 * @property {number | null} [spo2_battery_pct]
 * @property {number | null} [zone_low_bpm]
 * @property {number | null} [zone_high_bpm]
 * @property {LimitView | null} [hr_upper]
 * @property {LimitView | null} [hr_lower]
 * @property {LimitView | null} [spo2_floor]
 * @property {number | null} [hrr_pct]
 * @property {"below" | "in" | "above" | null} [zone]
 * @property {number | null} [hr_limit_in_s]
 * @property {number | null} [spo2_limit_in_s]
 * @property {Phase | null} [phase]
 * @property {Phase | null} [phase_proposed]
 * @property {string} [hr_device]
 * @property {string} [spo2_device]
 * @property {Averaging | null} [spo2_averaging]
 * @property {number | null} [hr_artefact_pct]
 * @property {"" | "not_cleared" | "stopped" | "recovering" | "to_release"} [flow]
 * @property {TracePoint[]} [trace]
 */

/**
 * @typedef {object} AcknowledgedView
 * @property {string} by
 * @property {number} at_utc_ms
 */

/**
 * @typedef {object} TrustView
 * @property {Quality} quality
 * @property {string | null} [reason]
 * @property {string[]} [doubts]
 * @property {Agreement} [agreement]
 * @property {Averaging | null} [averaging]
 * @property {Source} [source]
 * @property {number | null} [age_ms]
 * @property {string} [device]
 */

/**
 * @typedef {object} AlarmView
 * @property {string} id
 * @property {string} subject
 * @property {SubjectKind} subject_kind
 * @property {string} rule
 * @property {Family} family
 * @property {Priority} priority
 * @property {Condition} condition
 * @property {Signal} signal
 * @property {string} text
 * @property {number} breach_at_ms
 * @property {number} onset_at_ms
 * @property {number} onset_utc_ms
 * @property {number | null} [ended_at_ms]
 * @property {string | null} [participant]
 * @property {number | null} [seat]
 * @property {string | null} [alias]
 * @property {Operator | null} [op]
 * @property {number | null} [value]
 * @property {boolean} [is_worst]
 * @property {number | null} [limit]
 * @property {string | null} [limit_reason]
 * @property {string} [detail]
 * @property {string} [explanation]
 * @property {TrustView | null} [trust]
 * @property {number} [affects]
 * @property {boolean} [source_lost]
 * @property {string | null} [inhibited_by]
 * @property {AcknowledgedView | null} [acknowledged]
 * @property {string | null} [sending]
 */

/**
 * @typedef {object} PartView
 * @property {string} part
 * @property {string} instance
 * @property {"up" | "lost" | "stopped" | "missing"} state
 * @property {number} since_ms
 * @property {number} since_utc_ms
 * @property {string} [text]
 * @property {boolean} [is_loss]
 * @property {boolean} [is_one_of_several]
 * @property {"" | "lost" | "not_running" | "radio_lost" | "trouble"} [what]
 * @property {number | null} [loss_utc_ms]
 * @property {number} [affects]
 * @property {string[]} [troubles]
 * @property {string[]} [problems]
 */

/**
 * @typedef {object} SessionView
 * @property {string} id
 * @property {string} name
 * @property {Phase} phase
 * @property {number} phase_since_utc_ms
 * @property {number} started_utc_ms
 * @property {GenerationMode} generation_mode
 * @property {number} [version]
 * @property {boolean} [is_practice]
 */

/**
 * @typedef {object} AudioView
 * @property {number | null} [paused_until_ms]
 * @property {string} [by]
 */

/** @typedef {"on" | "off" | "unheard" | "silent"} SoundState */

/**
 * @typedef {object} ScreenView
 * @property {string} screen
 * @property {string} name
 * @property {SoundState} sound
 * @property {number | null} [tested_utc_ms]
 */

/**
 * @typedef {object} DutyView
 * @property {string} staff
 * @property {"therapist" | "supervisor"} role
 * @property {string[]} [participants]
 */

/** @typedef {"accept" | "on_my_way" | "cannot"} Response */

/**
 * @typedef {object} AnswerView
 * @property {string} staff
 * @property {Response} response
 * @property {number} at_utc_ms
 */

/**
 * @typedef {object} CallView
 * @property {string} alarm
 * @property {number} [step]
 * @property {number | null} [next_utc_ms]
 * @property {string[]} [called]
 * @property {Record<string, string[]>} [ways]
 * @property {string[]} [shown]
 * @property {string[]} [seen]
 * @property {AnswerView[]} [answers]
 * @property {string[]} [unreachable]
 * @property {number | null} [off_until_utc_ms]
 * @property {string} [off_by]
 */

/**
 * @typedef {object} EmergencyLineView
 * @property {number} at_utc_ms
 * @property {string} by
 * @property {string} step
 * @property {string} [role]
 * @property {string} [text]
 */

/**
 * @typedef {object} EmergencyView
 * @property {string} id
 * @property {number} began_utc_ms
 * @property {string} began_by
 * @property {string | null} [participant]
 * @property {number | null} [seat]
 * @property {string | null} [alias]
 * @property {Record<string, string>} [roles]
 * @property {string[]} [done]
 * @property {EmergencyLineView[]} [lines]
 */

/**
 * @typedef {object} CountsView
 * @property {number} straps_live
 * @property {number} straps
 * @property {number} oximeters_live
 * @property {number} oximeters
 * @property {number} gateways_live
 * @property {number} gateways
 */

/**
 * @typedef {object} Frame
 * @property {"s" | "d"} t
 * @property {1} v
 * @property {string} epoch
 * @property {number} seq
 * @property {number} server_mono_ms
 * @property {number} utc_ms
 * @property {number} rate
 * @property {number} [analysis_heard_ms]
 * @property {number} [alarm_path_ms]
 * @property {GenerationMode} [mode]
 * @property {string} [time_zone]
 * @property {Silence} [hr_silence]
 * @property {Silence} [spo2_silence]
 * @property {SessionView | null} [session]
 * @property {TileView[]} [tiles]
 * @property {AlarmView[]} [alarms]
 * @property {PartView[]} [parts]
 * @property {AudioView} [audio]
 * @property {CountsView} [counts]
 * @property {ScreenView[]} [screens]
 * @property {DutyView[]} [duty]
 * @property {CallView[]} [calls]
 * @property {EmergencyView[]} [emergencies]
 */

/**
 * @typedef {object} FrameAck
 * @property {"ack"} t
 * @property {number} seq
 */

/**
 * @typedef {object} AcknowledgeRequest
 * @property {"acknowledge"} t
 * @property {string} alarm_id
 * @property {string} by
 */

/**
 * @typedef {object} PauseAudioRequest
 * @property {"pause_audio"} t
 * @property {number} seconds
 * @property {string} by
 */

/**
 * @typedef {object} SoundReport
 * @property {"sound"} t
 * @property {string} screen
 * @property {string} name
 * @property {SoundState} sound
 * @property {number | null} tested_utc_ms
 */

/**
 * @typedef {object} PhoneReport
 * @property {"phone"} t
 * @property {"on" | "off"} sound
 */

/** @typedef {FrameAck | AcknowledgeRequest | PauseAudioRequest | SoundReport | PhoneReport} FromPage */

export {};
