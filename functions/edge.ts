/** Entry point of the app `edge`: what people and scripts talk to. Cosmos DB and the bus only, no right on the estate. */
import "./console/health.http.ts";
import "./console/findings.http.ts";
import "./console/proposals.http.ts";
import "./console/requests.http.ts";
import "./console/undo.http.ts";
import "./console/ledger.http.ts";
import "./console/configuration.http.ts";
import "./console/configurationChanges.http.ts";
import "./console/enrolment.http.ts";
import "./console/deadletters.http.ts";
import "./console/sweep.http.ts";
import "./console/pages/assets.http.ts";
import "./console/pages/signIn.http.ts";
import "./console/pages/overview.http.ts";
import "./console/pages/approvals.http.ts";
import "./console/pages/proposal.http.ts";
import "./console/pages/findings.http.ts";
