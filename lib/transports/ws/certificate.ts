/**
 * The certificate of a WebSocket server over TLS: judged before it is shown, because clients say little about why they
 * refuse it.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** A certificate and its key, as PEM text. */
export interface ServerCertificate {
  /** The certificate, and those that lead to its authority. */
  readonly cert: string;
  /** The key. */
  readonly key: string;
}

/**
 * Checks the certificate of a server.
 *
 * @param certificate The certificate and its key
 * @param address The address that is served, for messages
 * @returns What a user should know about it, in sentences: clients may refuse it
 * @throws {TypeError} If one of the two cannot be read, or they do not belong together
 */
export function checkCertificate({ cert, key }: ServerCertificate, address: string): string[] {
  const refuse = (reason: string, cause?: unknown) => new TypeError(`Cannot serve ${address}: ${reason}`, { cause });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch (error) {
    throw refuse("its certificate cannot be read", error);
  }
  if (/ENCRYPTED/.test(key)) {
    throw refuse("its key is protected by a passphrase, for which nobody is asked: use one without");
  }
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key);
  } catch (error) {
    throw refuse("its key cannot be read", error);
  }
  if (!certificate.checkPrivateKey(privateKey)) throw refuse("the key is not that of the certificate");
  const notices: string[] = [];
  if (certificate.ca) {
    notices.push(
      `The certificate of ${address} is that of an authority, as "openssl req -x509" makes it: many clients refuse it ` +
        "(CA:FALSE among its basicConstraints makes it one of a server)",
    );
  }
  const until = new Date(certificate.validTo);
  if (until.getTime() < Date.now()) {
    notices.push(`The certificate of ${address} has expired on ${until.toISOString().slice(0, 10)}: clients refuse it`);
  }
  return notices;
}
