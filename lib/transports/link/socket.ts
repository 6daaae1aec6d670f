/**
 * Sockets of the links to brokers: opened with or without TLS, and their errors in words.
 *
 * @module
 */

import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import { RefusedError } from "./connection.ts";

/** Certificates and keys of a client, as PEM text. */
export interface TlsIdentity {
  /** Authorities to trust besides those of the system. */
  readonly authorities?: string | undefined;
  /** Certificate of this client, and those that lead to its authority. */
  readonly certificate?: string | undefined;
  /** Key of that certificate. */
  readonly key?: string | undefined;
}

/** The other end of a socket. */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
  /** Certificates; without them, the socket is not encrypted. */
  readonly tls?: TlsIdentity | undefined;
}

/** Options of a TLS socket, as `node:tls` takes them. */
export function tlsOptions({ authorities, certificate, key }: TlsIdentity, host: string): Record<string, unknown> {
  return {
    ...authorities !== undefined && { ca: [...rootCertificates, authorities] },
    ...certificate !== undefined && { cert: certificate },
    ...key !== undefined && { key },
    // The name that the certificate must have; an address is no name (RFC 6066, 3).
    ...isIP(host) === 0 && { servername: host },
  };
}

/**
 * Opens a socket.
 *
 * @param target The other end
 * @param signal Gives the attempt up
 * @returns The socket, connected; its owner listens for `error`
 * @throws {RefusedError} If one end does not accept the certificate of the other
 * @throws {Error} If the other end cannot be reached; the message is the reason, as the end of a sentence
 */
export async function openSocket(target: SocketTarget, signal: AbortSignal): Promise<Socket> {
  const { host, port, tls } = target;
  const socket: Socket = tls === undefined
    ? connect({ host, port, noDelay: true })
    : connectTls({ host, port, ...tlsOptions(tls, host) });
  const give = () => socket.destroy(new Error("it was given up"));
  signal.addEventListener("abort", give, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the other end closed the connection")));
      socket.once(tls === undefined ? "connect" : "secureConnect", resolve);
      if (signal.aborted) give();
    });
    socket.removeAllListeners("error");
    socket.removeAllListeners("close");
    if (tls !== undefined) socket.setNoDelay(true);
    return socket;
  } catch (error) {
    socket.on("error", () => {}); // a second one changes nothing
    socket.destroy();
    throw signal.aborted ? error : await explainSocketError(error, target);
  } finally {
    signal.removeEventListener("abort", give);
  }
}

/** Reasons of system errors of sockets (POSIX `errno.h`, and `getaddrinfo(3)`), by their codes. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the other end reset the connection",
  EPIPE: "the other end has closed the connection",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "no route leads there",
  ENETUNREACH: "no network leads there",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up now",
};

/** Describes an error of a socket, as the end of a sentence. */
export function describeSocketError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as Error & { code?: unknown };
  return reasons[String(code)] ?? error.message.replace(/ \(os error \d+\)$/, "");
}

/**
 * Explains an error of a socket that could not be opened.
 *
 * @param error The error
 * @param target The other end
 * @returns The error to throw: a {@linkcode RefusedError} where certificates are to blame
 */
export async function explainSocketError(error: unknown, target: SocketTarget): Promise<Error> {
  const { code = "", message = "" } = error as { code?: unknown; message?: string };
  const isCertificate = /CERT|VERIFY|SSL|TLS|ISSUER|certificate|alert/.test(`${code} ${message}`);
  if (target.tls === undefined || (!isCertificate && code !== "ECONNRESET")) {
    return new Error(describeSocketError(error), { cause: error });
  }
  const reason = await findTlsFault(target) ?? (error instanceof Error ? error.message : String(error));
  return explainTls(reason, target.host, error);
}

/**
 * Asks for the fault of a certificate. `node:tls` of Deno names most of them as one, "unable to verify the first
 * certificate", even that of a certificate which has expired; the handshake of Deno's own TLS tells them apart.
 */
async function findTlsFault({ host, port, tls }: SocketTarget): Promise<string | undefined> {
  try {
    const authorities = tls?.authorities === undefined ? [] : [tls.authorities];
    using connection = await Deno.connectTls({ hostname: host, port, caCerts: authorities });
    await connection.handshake();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : undefined;
  }
}

/** Puts a fault of TLS, in the words of Deno's TLS library, into a sentence. */
function explainTls(fault: string, host: string, cause: unknown): Error {
  const refuse = (message: string) => new RefusedError(message, { cause });
  if (/expired/.test(fault)) return refuse("its certificate has expired");
  if (/not valid yet|NotValidYet/.test(fault)) return refuse("its certificate is not valid yet");
  if (/not valid for name|NotValidForName|altname/i.test(fault)) {
    const [, names] = /only valid for (.*)$/.exec(fault) ?? [];
    const valid = names?.replace(/\w+\("([^"]*)"\)/g, "$1");
    return refuse(`its certificate is not for ${host}${valid === undefined ? "" : ` but for ${valid}`}`);
  }
  if (/UnknownIssuer|CaUsedAsEndEntity|unable to (verify|get)|self.signed/.test(fault)) {
    return refuse("its certificate is not from an authority that is trusted here; give --tls-ca the authority's file");
  }
  if (/CertificateRequired|certificate required/i.test(fault)) {
    return refuse("it asks for a certificate of this client; give --tls-cert and --tls-key");
  }
  if (/alert/.test(fault)) return refuse(`it refuses the certificate of this client (${fault})`);
  if (/InvalidContentType|corrupt message|reset|eof/i.test(fault)) {
    return new Error("it does not speak TLS on this port", { cause });
  }
  return new Error(fault, { cause });
}

/**
 * Explains an error of a connection that a broker has not accepted yet.
 *
 * @param error The error
 * @param target The other end
 * @param scheme Scheme of the addresses with TLS
 */
export function explainOpening(error: unknown, target: SocketTarget, scheme: string): Error {
  // An error that is explained already has its code in its cause.
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const reason = describeSocketError(error);
  return new Error((code ?? cause?.code) === "ECONNRESET" ? withTlsHint(reason, target, scheme) : reason, {
    cause: error,
  });
}

/** Adds what may be the cause of a connection that ends early: the other end expects TLS. */
export function withTlsHint(reason: string, { tls }: SocketTarget, scheme: string): string {
  return tls === undefined ? `${reason}; if it expects TLS, the address begins with ${scheme}://` : reason;
}

/** Explains an alert of TLS 1.3 that came after the handshake; undefined for other errors. */
export function explainAlert(error: unknown, host: string): Error | undefined {
  const { code = "", message = "" } = error as { code?: unknown; message?: string };
  const text = `${code} ${message}`;
  return /alert/i.test(text) ? explainTls(text.replaceAll("_", " "), host, error) : undefined;
}
