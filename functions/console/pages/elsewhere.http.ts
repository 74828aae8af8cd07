import { noticePage, notices } from "../../../shared/view/states.ts";
import { page } from "./page.ts";

/** An address below the console's that is none of its pages: the host itself would answer with an empty document. */
page("consoleElsewhere", "console/{*elsewhere}", () => {
  const notice = notices.noPage();
  return Promise.resolve({
    title: notice.title,
    current: null,
    status: 404,
    waiting: null,
    readAt: null,
    main: noticePage(notice),
  });
});
