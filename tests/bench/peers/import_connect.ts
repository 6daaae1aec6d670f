/** Imports what most programs do, and ends. */
import { connect } from "../../../mod.ts";

void connect;
