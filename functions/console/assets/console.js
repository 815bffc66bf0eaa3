// The console's own script: keys, optimistic decisions with undo, evidence that lights up, and what to do when the line is bad.
(() => {
  "use strict";
  const body = document.body, here = body.dataset.here, view = body.dataset.view, shortcuts = JSON.parse(body.dataset.keys);
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const list = $("#live"), panel = $("#draft"), filter = $("#filter");
  const leaving = new Set(), chosen = new Set(); // rows decided here; rows chosen for bulk
  let selected = $(".case")?.dataset.draft ?? "", waiting = null, takeBack = [], loading = 0, movedAt = -1000; // waiting: a key pressed before its draft was there

  // The list
  const every = () => $$("#rows > li");
  const rows = () => every().filter((row) => !row.hidden);
  const rowOf = (id) => document.getElementById(`row-${id}`);
  const shownId = () => $(".case", panel)?.dataset.draft ?? "";
  const isEditing = () => Boolean($(".editor", panel));

  function draw() {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of every()) {
      row.hidden = leaving.has(row.dataset.id) || !row.textContent.toLowerCase().includes(wanted);
      if (row.dataset.id === selected) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    $("#nothing-found").hidden = rows().length > 0 || !every().length;
    drawChosen();
  }

  function select(id, { again = false } = {}) {
    selected = id;
    draw();
    rowOf(id)?.scrollIntoView({ block: "nearest" });
    if (!id || (id === shownId() && !again)) return;
    history.replaceState(null, "", `${here}/drafts/${id}${location.search || `?view=${view}`}`);
    const changes = id === shownId() && $(".changed", panel) ? "&changes=1" : "", hurried = performance.now() - movedAt < 150;
    movedAt = performance.now();
    clearTimeout(loading); // somebody who runs down the list reads none of what they pass
    loading = setTimeout(() => {
      htmx.ajax("GET", `${here}/drafts/${id}/panel?view=${view}${changes}`, { source: panel, target: panel, swap: "innerHTML" });
    }, hurried ? 120 : 0);
  }

  function step(by) {
    const shown = rows(), at = shown.findIndex((row) => row.dataset.id === selected);
    const next = shown[Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (next && next.dataset.id !== selected) select(next.dataset.id);
  }

  function neighbour(id) {
    const shown = rows(), at = shown.findIndex((row) => row.dataset.id === id);
    return (shown[at + 1] ?? shown[at - 1])?.dataset.id ?? "";
  }

  // Decisions: a row goes at once, and comes back with the reason when it did not work
  async function decide(form, button) {
    const id = shownId(), name = form.dataset.decide, sent = new URLSearchParams(new FormData(form, button));
    if (name === "regenerate" || ["wake", "undo", "object", "resolve"].includes(name)) return carryOut(form.action, sent, () => select(id, { again: true }));
    const next = neighbour(id);
    leaving.add(id);
    if (next) select(next);
    else { selected = ""; draw(); panel.replaceChildren(emptyNote()); }
    if (!await carryOut(form.action, sent)) { leaving.delete(id); select(id, { again: true }); }
  }

  async function carryOut(address, sent, then) {
    try {
      const answer = await ask(address, sent);
      takeBack = answer.undo ?? [];
      toast(answer.told, takeBack.length > 0);
      then?.();
      await refresh({ anyhow: true });
      return true;
    } catch (error) {
      alarm(error.message);
      return false;
    }
  }

  async function ask(address, sent) {
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body: sent, headers: { Accept: "application/json" } });
    } catch { throw new Error("The server cannot be reached, so this may not have been done. Look again, then repeat it."); }
    if (answer.status === 401) throw new Error(SIGNED_OUT);
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(`Not done: ${told.detail ?? `the server answered ${answer.status}`}.`);
    return told;
  }
  const SIGNED_OUT = "You are signed out. What you have written stays here: sign in in another tab, then try again.";

  async function undo() {
    const addresses = takeBack;
    takeBack = [];
    if (!addresses.length) return toast("There is nothing to undo.");
    $("#toasts").replaceChildren();
    for (const address of addresses) leaving.delete(address.split("/").at(-2));
    const id = addresses[0].split("/").at(-2);
    try {
      for (const address of addresses) toast((await ask(address, new URLSearchParams())).told);
    } catch (error) { alarm(error.message); }
    await refresh({ anyhow: true });
    if (!isEditing() && rowOf(id)) select(id, { again: true });
  }

  // Many at once
  function drawChosen() {
    const boxes = $$('#rows input[name="wanted"]');
    for (const box of boxes) box.checked = chosen.has(box.value) && !box.closest("li").hidden;
    const count = boxes.filter((box) => box.checked).length, all = $("#choose-all");
    if (!all) return;
    all.checked = count > 0 && count === rows().length;
    all.indeterminate = count > 0 && !all.checked;
    $("#chosen").textContent = count ? `${count} chosen` : `Choose all ${rows().length} shown`;
    $("#approve-chosen").textContent = count ? `Approve ${count}` : "Approve";
    $("#approve-chosen").disabled = !count;
  }

  async function approveChosen(form) {
    const wanted = $$('#rows input[name="wanted"]').filter((box) => box.checked).map((box) => box.value);
    const sent = (part, more = []) => new URLSearchParams([...part.map((one) => ["wanted", one]), ...more]);
    try {
      let answer = await ask(form.action, sent(wanted));
      const question = answer.question;
      if (question && !await confirmed(question)) return;
      takeBack = answer.undo ?? [];
      let told = [answer.told];
      for (let at = 0; question && at < wanted.length; at += 25) {
        answer = await ask(form.action, sent(wanted.slice(at, at + 25), [["confirmed", "yes"]]));
        told = at ? [...told, answer.told] : [answer.told];
        takeBack.push(...answer.undo);
      }
      chosen.clear();
      for (const address of takeBack) leaving.add(address.split("/").at(-2));
      toast(told.join(" "), takeBack.length > 0, told.join("").includes("Not ") ? 30 : 8);
    } catch (error) { alarm(error.message); }
    const next = leaving.has(selected) ? neighbour(selected) : selected;
    draw();
    if (next && next !== selected) select(next);
    await refresh({ anyhow: true });
  }

  function confirmed(question) {
    const dialog = $("#ask");
    $("#ask-words").textContent = question;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
  }

  // Words that pass by
  function emptyNote() {
    const note = Object.assign(document.createElement("div"), { className: "empty big" });
    note.append(Object.assign(document.createElement("h2"), { textContent: "Nothing waits for you here" }));
    return note;
  }
  function toast(words, undoable = false, seconds = 8, place = "#toasts") {
    const line = Object.assign(document.createElement("div"), { className: "toast", textContent: words });
    if (undoable) {
      const button = Object.assign(document.createElement("button"), { textContent: "Undo", onclick: undo });
      button.append(Object.assign(document.createElement("kbd"), { textContent: "Z" }));
      line.append(button);
    }
    $(place).replaceChildren(line);
    setTimeout(() => line.remove(), seconds * 1000);
  }
  const alarm = (words) => toast(words, false, 20, "#alerts");

  // Evidence lights up while its mark has the focus or the pointer
  function light(mark, on) {
    if (!mark) return;
    mark.classList.toggle("lit", on);
    mark.closest(".sentence").classList.toggle("lit", on);
    const evidence = document.getElementById(`evidence-${mark.dataset.mark}`);
    evidence?.classList.toggle("lit", on);
    if (on && matchMedia("(min-width: 1181px)").matches) evidence?.scrollIntoView({ block: "nearest" });
  }
  for (const [event, on] of [["focusin", true], ["focusout", false], ["pointerover", true], ["pointerout", false]])
    panel.addEventListener(event, (from) => light(from.target.closest?.(".mark"), on));

  // Keys
  const actions = {
    next: () => step(1),
    previous: () => step(-1),
    approve: () => press('[data-decide="approve"] button'),
    edit: () => press('[data-press="edit"]'),
    regenerate: () => open("regenerate"),
    snooze: () => open("snooze"),
    reject: () => open("reject"),
    choose: () => rowOf(selected)?.querySelector("input")?.click(),
    undo: () => undo(),
    filter: () => { filter.focus(); filter.select(); },
    help: () => $("#help").showModal(),
  };
  const ofDraft = new Set(["approve", "edit", "regenerate", "snooze", "reject"]);

  function press(selector) {
    const button = $(selector, panel);
    if (button && !button.disabled) button.click();
    else if (button) alarm($("#why-not").innerText);
  }

  function open(name) {
    const menu = $(`[data-menu="${name}"]`, panel);
    if (!menu) return;
    menu.open = true;
    ($(".choice", menu) ?? $("input:not([type=hidden])", menu)).focus();
  }

  function act(action) {
    if (ofDraft.has(action) && selected !== shownId()) waiting = { action, id: selected };
    else if (!ofDraft.has(action) || !isEditing()) actions[action]();
  }

  const isTyping = (target) => target.closest?.('input:not([type="checkbox"], [type="radio"], [type="submit"]), textarea, select, [contenteditable]');

  function escape(event) {
    const menu = $("details[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
    else if (event.target.closest(".editor")) press('[data-press="leave"]');
    else if (event.target === filter) { event.preventDefault(); filter.blur(); } // a browser would empty it
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || $("dialog[open]")) return;
    if (event.key === "Escape") return escape(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form?.matches(".editor")) return event.target.form.requestSubmit();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (!singleKeys.checked && event.key.length === 1) return;
    const choice = $$(".menu[open] .choice", panel)[Number(event.key) - 1];
    const known = shortcuts.find((one) => one.key === event.key.toLowerCase() || one.aliases.includes(event.key));
    if (!choice && !known) return;
    event.preventDefault();
    if (choice) choice.click();
    else act(known.action);
  });

  const singleKeys = $("#single-keys");
  function keepKeys() {
    document.documentElement.classList.toggle("keys-off", !singleKeys.checked);
    localStorage.setItem("single-keys", singleKeys.checked ? "on" : "off");
  }
  singleKeys.checked = localStorage.getItem("single-keys") !== "off";
  singleKeys.addEventListener("change", keepKeys);
  keepKeys();

  // Pointer and forms
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    body.dataset.page = "draft";
    select(link.closest("li").dataset.id);
  });
  list.addEventListener("change", (event) => {
    const boxes = event.target.id === "choose-all" ? rows().map((row) => $("input", row)) : [event.target];
    for (const box of boxes) event.target.checked ? chosen.add(box.value) : chosen.delete(box.value);
    drawChosen();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.decide) { event.preventDefault(); closeMenus(); decide(form, event.submitter); }
    else if (form.id === "bulk") { event.preventDefault(); approveChosen(form); }
    else if (form.dataset.act) { event.preventDefault(); closeMenus(); carryOut(form.action, new URLSearchParams(new FormData(form))); }
  });
  const closeMenus = (but) => { for (const menu of $$("details[open]")) if (!menu.contains(but)) menu.open = false; };
  document.addEventListener("click", (event) => closeMenus(event.target));
  filter.addEventListener("input", () => {
    const address = new URL(location.href);
    if (filter.value) address.searchParams.set("q", filter.value); else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    draw();
  });
  filter.form.addEventListener("submit", (event) => event.preventDefault());

  // An edit survives a reload and a lost session
  panel.addEventListener("input", (event) => {
    const form = event.target.closest(".editor");
    if (form) sessionStorage.setItem(`edit-${form.dataset.keep}`, form.elements.body.value);
  });
  function editorOpened() {
    const form = $(".editor", panel);
    if (!form) return;
    const kept = sessionStorage.getItem(`edit-${form.dataset.keep}`), text = form.elements.body;
    if (kept !== null && kept !== text.value) { text.value = kept; $("[data-restored]", form).hidden = false; }
    text.focus();
    text.setSelectionRange(0, 0);
  }

  // What the server says, and when it says nothing
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail, status = ctx.response?.status;
    if (status >= 400) {
      event.preventDefault();
      waiting = null;
      alarm(status === 401 ? SIGNED_OUT : `Not done: ${ctx.text}.`);
    } else if (ctx.sourceElement.matches?.(".editor")) sessionStorage.removeItem(`edit-${ctx.sourceElement.dataset.keep}`);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    draw();
    if (event.detail.ctx.target !== panel) return;
    editorOpened();
    if (waiting?.id === shownId()) { const { action } = waiting; waiting = null; actions[action](); }
  });
  document.addEventListener("htmx:error", () => offline("The server cannot be reached."));

  function offline(words) {
    const retry = Object.assign(document.createElement("button"), { textContent: "Try again", onclick: () => refresh() });
    $("#offline").replaceChildren(`${words} What you see may be old. `, retry);
    $("#offline").hidden = false;
  }
  addEventListener("offline", () => offline("You are offline."));
  addEventListener("online", () => refresh());

  async function refresh({ anyhow = false } = {}) {
    let answer;
    try {
      const headers = anyhow ? {} : { "If-None-Match": list.dataset.tag };
      answer = await fetch(`${here}/queue/live?view=${view}`, { cache: "no-store", headers });
    } catch { return offline(navigator.onLine ? "The server cannot be reached." : "You are offline."); }
    if (answer.status === 401) return offline("You are signed out.");
    if (answer.status !== 304 && !answer.ok) return offline("The list cannot be read.");
    $("#offline").hidden = true;
    if (answer.status === 304 || $("#mode details[open]")) return;
    list.dataset.tag = answer.headers.get("ETag");
    await htmx.swap({ sourceElement: list, target: list, swap: "innerMorph", text: await answer.text() });
    draw();
    const row = rowOf(selected), shown = $(".case", panel), busy = isEditing() || $("details[open]", panel) || panel.matches(".htmx-request");
    if (shown && selected === shownId() && !busy && shown.dataset.at !== row?.dataset.at) select(selected, { again: true });
  }
  setInterval(() => document.visibilityState === "visible" && refresh(), 5000);

  draw();
  editorOpened();
  rowOf(selected)?.scrollIntoView({ block: "nearest" });
  body.dataset.ready = "";
})();
