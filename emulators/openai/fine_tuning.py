"""Fine-tuning jobs: where one stands follows from its file and from the clock, so nothing has to run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from emulators.openai import errors, files
from emulators.openai.state import ModelState

MODELS = ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini")
VALIDATED, STARTED, DONE = 60, 120, 720
"""Seconds after its creation at which a job is through validation, is taken from the queue, and has finished."""

STEPS, PAGE = 3, 20
Job = dict[str, Any]


def create(body: Mapping[str, Any], state: ModelState, now: datetime) -> Job:
    for name in ("model", "training_file"):
        if not body.get(name):
            raise errors.missing_parameter(name)
    if body["model"] not in MODELS:
        raise errors.invalid_value("model", f"{body['model']} is not available for fine-tuning or does not exist")
    for name in ("training_file", "validation_file"):
        if body.get(name) and (body[name] not in state.files or state.files[body[name]]["file"]["purpose"] != "fine-tune"):
            raise errors.invalid_value(name, f"the file {body[name]} does not exist or has another purpose than fine-tune")
    count, wrong = files.chat_examples(body["training_file"], state)
    wishes = body.get("hyperparameters") or ((body.get("method") or {}).get("supervised") or {}).get("hyperparameters") or {}
    number = state.next_number()
    job_id = f"ftjob-{number:024d}"
    state.jobs[job_id] = {
        "id": job_id, "created_at": int(now.timestamp()), "model": body["model"], "training_file": body["training_file"],
        "validation_file": body.get("validation_file"), "suffix": body.get("suffix"), "seed": body.get("seed", number),
        "hyperparameters": {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto", **wishes},
        "examples": count, "wrong": wrong, "stopped": None, "lost": 0, "paused": None,
    }  # fmt: skip
    return shown(job_id, state, now)


def shown(job_id: str, state: ModelState, now: datetime) -> Job:
    job = _job(job_id, state)
    status, finished = _standing(job, now)
    done = status == "succeeded"
    failed = {"code": "invalid_training_file", "message": job["wrong"], "param": "training_file"} if status == "failed" else None
    return {
        "id": job["id"], "object": "fine_tuning.job", "created_at": job["created_at"], "error": failed,
        "fine_tuned_model": _tuned(job) if done else None, "finished_at": finished, "hyperparameters": _settled(job),
        "model": job["model"], "organization_id": "org-emulated", "result_files": [], "status": status,
        "trained_tokens": job["examples"] * 100 if done else None, "training_file": job["training_file"],
        "validation_file": job["validation_file"], "seed": job["seed"], "estimated_finish": None, "integrations": [], "metadata": None,
        "method": {"type": "supervised", "supervised": {"hyperparameters": _settled(job)}},
    }  # fmt: skip


def page(query: Mapping[str, str], state: ModelState, now: datetime) -> Job:
    return _without_ends(files.cut([shown(job_id, state, now) for job_id in state.jobs][::-1], query, default=PAGE))


def cancel(job_id: str, state: ModelState, now: datetime) -> Job:
    job = _running(job_id, state, now, "cancel")
    job["stopped"] = int(now.timestamp())
    return shown(job_id, state, now)


def pause(job_id: str, state: ModelState, now: datetime) -> Job:
    job = _running(job_id, state, now, "pause")
    job["paused"] = int(now.timestamp())
    return shown(job_id, state, now)


def resume(job_id: str, state: ModelState, now: datetime) -> Job:
    job = _job(job_id, state)
    if job["paused"] is None:
        raise errors.wrong_state(f"Job {job_id} is not paused")
    job["lost"] += int(now.timestamp()) - job["paused"]
    job["paused"] = None
    return shown(job_id, state, now)


def events(job_id: str, query: Mapping[str, str], state: ModelState, now: datetime) -> Job:
    """The newest first."""
    job = _job(job_id, state)
    status, finished = _standing(job, now)
    told = [(0, "Created fine-tuning job: " + job_id), (0, f"Validating training file: {job['training_file']}")]
    if status == "failed":
        told.append((VALIDATED, f"Training failed: {job['wrong']}"))
    else:
        steps = [(_moment(step), f"Step {step}/{STEPS}: training loss={1 / step:.2f}") for step in range(1, STEPS + 1)]
        told += [(VALIDATED, "Files validated, moving job to queued state"), (STARTED, "Fine-tuning job started"), *steps]
        told.append((DONE, f"New fine-tuned model created: {_tuned(job)}"))
    past = [(job["created_at"] + after, text) for after, text in told if after <= _elapsed(job, now)]
    if status == "cancelled" and finished:
        past.append((finished, "The job was cancelled"))
    rows = [_event(job_id, index, at, text) for index, (at, text) in enumerate(past)]
    return _without_ends(files.cut(rows[::-1], query, default=PAGE))


def checkpoints(job_id: str, query: Mapping[str, str], state: ModelState, now: datetime) -> Job:
    job = _job(job_id, state)
    reached = [step for step in range(1, STEPS + 1) if not job["wrong"] and _moment(step) <= _elapsed(job, now)]
    rows = [
        {
            "id": f"ftckpt_{job_id[6:]}{step}", "object": "fine_tuning.job.checkpoint", "created_at": job["created_at"] + _moment(step),
            "fine_tuned_model_checkpoint": f"{_tuned(job)}:ckpt-step-{step}", "fine_tuning_job_id": job_id, "step_number": step,
            "metrics": {"step": step, "train_loss": 1 / step, "train_mean_token_accuracy": 1 - 1 / (step + 1)},
        }
        for step in reached[::-1]
    ]  # fmt: skip
    return files.cut(rows, query, default=PAGE)


def tuned_models(state: ModelState, now: datetime) -> dict[str, int]:
    """The models that jobs have produced by now, with the moment each appeared."""
    finished = [job for job in state.jobs.values() if _standing(job, now)[0] == "succeeded"]
    return {_tuned(job): job["created_at"] + job["lost"] + DONE for job in finished}


def _job(job_id: str, state: ModelState) -> Job:
    if job_id not in state.jobs:
        raise errors.not_found(f"Could not find fine tune: {job_id}", param="fine_tuning_job_id")
    return state.jobs[job_id]


def _running(job_id: str, state: ModelState, now: datetime, wish: str) -> Job:
    status, _ = _standing(_job(job_id, state), now)
    if status in ("succeeded", "failed", "cancelled", "paused"):
        raise errors.wrong_state(f"Job {job_id} has status {status}; you can only {wish} a job that is on its way")
    return state.jobs[job_id]


def _elapsed(job: Job, now: datetime) -> int:
    """Seconds it has worked: what it was paused does not count, and it ends where it was stopped."""
    until = job["stopped"] or job["paused"] or int(now.timestamp())
    return int(until - job["created_at"] - job["lost"])


def _standing(job: Job, now: datetime) -> tuple[str, int | None]:
    """(status, when it finished)."""
    elapsed = _elapsed(job, now)
    if job["stopped"] is not None:
        return "cancelled", job["stopped"]
    if job["wrong"] and elapsed >= VALIDATED:
        return "failed", job["created_at"] + job["lost"] + VALIDATED
    if job["paused"] is not None:
        return "paused", None
    if elapsed >= DONE:
        return "succeeded", job["created_at"] + job["lost"] + DONE
    return "validating_files" if elapsed < VALIDATED else "queued" if elapsed < STARTED else "running", None


def _moment(step: int) -> int:
    return STARTED + step * (DONE - STARTED) // (STEPS + 1)


def _tuned(job: Job) -> str:
    return f"ft:{job['model']}:emulated:{job['suffix'] or ''}:{job['id'][-8:]}"


def _settled(job: Job) -> dict[str, Any]:
    chosen = {"n_epochs": STEPS, "batch_size": 1, "learning_rate_multiplier": 1.0}
    return {name: chosen[name] if value == "auto" else value for name, value in job["hyperparameters"].items()}


def _event(job_id: str, index: int, at: int, text: str) -> Job:
    row = {"id": f"ftevent-{job_id[6:]}{index}", "object": "fine_tuning.job.event", "created_at": at, "level": "info", "message": text}
    return {**row, "type": "message", "data": {}}


def _without_ends(page: Job) -> Job:
    return {key: value for key, value in page.items() if key not in ("first_id", "last_id")}
