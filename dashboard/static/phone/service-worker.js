/**
 * The phone's worker: shows what a push says though no page is open, and takes an answer from the notification.
 *
 * It keeps a page that says "no connection" and nothing else: no value and no alarm is ever answered from memory. The
 * server writes the three constants; a new version of what is kept is a new worker.
 */

const LANGUAGE = "en";
const VERSION = "none";
/** @type {string[]} */
const SHELL = [];

const CACHE = `shell-${VERSION}`;
const OFFLINE = "/static/phone/offline.html";
/** Longer than a healthy server takes, shorter than somebody waits for an alarm. */
const PATIENCE_MS = 6_000;
const ICON = "/static/phone/icon-192.png";
/** Long and often for high, short for the rest, ms of on and off. */
const SHAKE = { high: [400, 150, 400, 150, 400, 600, 400, 150, 400, 150, 400], medium: [300, 200, 300, 200, 300], low: [200], info: [200] };

const WORDS = {
  en: {
    accept: "Accept",
    cannot: "I can't",
    sent: "You have it",
    declined: "You can't: the next one is called",
    lost: "Your answer has not arrived. Go to the room.",
    before: "This was answered before",
    over: "It is over, or too old to be answered here. Open it.",
    unreadable: "A message that this phone cannot read. Go to the room.",
    title: "Session vitals",
  },
  de: {
    accept: "Annehmen",
    cannot: "Kann nicht",
    sent: "Sie haben es",
    declined: "Sie können nicht: der Nächste wird gerufen",
    lost: "Ihre Antwort ist nicht angekommen. Gehen Sie in den Raum.",
    before: "Darauf wurde schon geantwortet",
    over: "Es ist vorbei oder zu alt, um hier zu antworten. Öffnen Sie es.",
    unreadable: "Eine Nachricht, die dieses Telefon nicht lesen kann. Gehen Sie in den Raum.",
    title: "Session vitals",
  },
};
const words = WORDS[LANGUAGE === "en" ? "en" : "de"];

/**
 * What a push carries: vitals/push_message.py.
 * @typedef {object} Message
 * @property {1} v
 * @property {"alarm" | "test" | "technical" | "clear"} kind
 * @property {string} alarm_id
 * @property {"high" | "medium" | "low" | "info"} priority
 * @property {string} title
 * @property {string} body
 * @property {string} tag
 * @property {number} step
 * @property {string} [token]
 * @property {string} url
 */

// The types of a page are known to the check of these files, those of a worker are not.
const worker = /** @type {any} */ (globalThis);

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(keepShell().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(openPage(request));
  else if (SHELL.includes(new URL(request.url).pathname)) event.respondWith(fetch(request).catch(() => kept(request)));
});

worker.addEventListener("push", (/** @type {any} */ event) => {
  event.waitUntil(show(read(event.data)));
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  const { notification, action } = event;
  notification.close();
  /** @type {Message | null} */
  const message = notification.data ?? null;
  const response = action === "accept" || action === "cannot" ? action : null;
  if (message !== null && response !== null) event.waitUntil(answer(message, response));
  else event.waitUntil(open(message));
});

worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => {
  event.waitUntil(subscribeAgain(event.oldSubscription ?? null));
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** @param {Request} request */
async function openPage(request) {
  try {
    return await Promise.race([fetch(request), new Promise((_, fail) => setTimeout(() => fail(new Error("late")), PATIENCE_MS))]);
  } catch {
    return await kept(new Request(OFFLINE));
  }
}

/** @param {Request} request */
async function kept(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? Response.error();
}

/**
 * @param {{json: () => unknown} | null} data
 * @returns {Message | null} null: nothing that this worker understands
 */
function read(data) {
  try {
    const message = /** @type {Message} */ (data?.json());
    const isWhole = message.v === 1 && typeof message.title === "string" && typeof message.tag === "string";
    return isWhole && message.url.startsWith("/") && !message.url.startsWith("//") ? message : null;
  } catch {
    return null;
  }
}

/** @param {Message | null} message */
async function show(message) {
  // What cannot be read may be an alarm: it is never swallowed.
  if (message === null) {
    await worker.registration.showNotification(words.title, { body: words.unreadable, tag: "unreadable", icon: ICON });
    return;
  }
  const [before] = await worker.registration.getNotifications({ tag: message.tag });
  const isClear = message.kind === "clear";
  // The same step again says a newer number and makes no noise; a later step, or a first one, does.
  const isNews = !isClear && (before === undefined || message.step > (before.data?.step ?? -1));
  await note(message, { body: message.body, isNews, isAsking: !isClear && (message.token ?? "") !== "" });
  await receipt(message, { seen: false });
}

/**
 * Tells the room that this phone shows a message, or that somebody opened it. Nobody is called later for it.
 * @param {Message} message
 * @param {{seen: boolean}} how
 */
async function receipt(message, { seen }) {
  if (message.token) await post("/api/v1/push/receipt", { token: message.token, seen });
}

/**
 * @param {Message} message
 * @param {{body: string, isNews: boolean, isAsking: boolean}} how
 */
async function note(message, { body, isNews, isAsking }) {
  const actions = [
    { action: "accept", title: words.accept },
    { action: "cannot", title: words.cannot },
  ];
  await worker.registration.showNotification(message.title, {
    body,
    tag: message.tag,
    icon: ICON,
    badge: ICON,
    lang: LANGUAGE,
    data: message,
    renotify: isNews,
    silent: !isNews,
    requireInteraction: isAsking && (message.priority === "high" || message.kind === "test"),
    actions: isAsking ? actions : [],
    ...(isNews ? { vibrate: SHAKE[message.priority] ?? SHAKE.low } : {}),
  });
}

/**
 * @param {Message} message
 * @param {"accept" | "cannot"} response
 */
async function answer(message, response) {
  const status = await post("/api/v1/push/respond", { token: message.token ?? "", response });
  const done = response === "accept" ? words.sent : words.declined;
  const body = status === 202 ? done : status === 409 ? words.before : status === 0 || status >= 500 ? words.lost : words.over;
  const isLost = status !== 202 && status !== 409;
  // Said under the same tag; that an answer was lost makes a noise, and can be tried again.
  await note(message, { body, isNews: isLost, isAsking: isLost });
}

/** @param {Message | null} message */
async function open(message) {
  const url = message === null ? "/phone" : message.token ? `${message.url}#${message.token}` : message.url;
  if (message !== null) void receipt(message, { seen: true });
  for (const client of await worker.clients.matchAll({ type: "window", includeUncontrolled: true })) {
    const { pathname } = new URL(client.url);
    if (pathname !== "/phone" && !pathname.startsWith("/alarm/")) continue;
    const window = await client.focus();
    if (message !== null) await window.navigate(url).catch(() => worker.clients.openWindow(url));
    return;
  }
  await worker.clients.openWindow(url);
}

/** @param {PushSubscription | null} old */
async function subscribeAgain(old) {
  const options = old?.options ?? { userVisibleOnly: true, applicationServerKey: await key() };
  const made = await worker.registration.pushManager.subscribe(options);
  const { endpoint, keys } = made.toJSON();
  await post("/api/v1/push/subscriptions", { endpoint, keys });
}

async function key() {
  const answer = await fetch("/api/v1/push/key");
  return (await answer.json()).key;
}

/**
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<number>} the status; 0: no answer
 */
async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      keepalive: true,
      // A server that stands still takes the answer and says nothing: whoever touched must be told soon.
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.status;
  } catch {
    return 0;
  }
}
