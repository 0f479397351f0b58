// The server behind the page: JSON in, JSON out, and one kind of error.

/** `message` is the server's own sentence; `status` is 0 where the server could not be reached. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const ROOT = "/simulator/";

export function get(path) {
  return ask(path, {});
}

export function post(path, body = {}) {
  return ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Upload a file and return {id, content_type, filename, size}. */
export function upload(file) {
  return ask(`files?filename=${encodeURIComponent(file.name ?? "")}`, {
    method: "POST",
    headers: { "Content-Type": file.type || "application/octet-stream" },
    body: file,
  });
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(ROOT + path, { ...options, cache: "no-store" });
  } catch {
    throw new ApiError("", 0);
  }
  if (response.status === 204) return null;
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(said.error ?? `${response.status} ${response.statusText}`, response.status);
  return said;
}
