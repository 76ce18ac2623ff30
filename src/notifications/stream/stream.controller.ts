import { Controller, Get, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type AuthUser } from '../../common/index.js';
import { EventStreams } from './event-streams.http.js';

const EXAMPLE = `retry: 2000
: connected
id: 1020

id: 1024
event: place-reviewed
data: {"name":"초록상점","placeId":1,"reviewId":7}

: heartbeat

`;

@ApiTags('notifications')
@Controller('notifications/stream')
export class StreamController {
  constructor(private readonly streams: EventStreams) {}

  /**
   * Notifications as they come, as server-sent events.
   *
   * The event bears the kind of the notification, `data` is JSON as in `listNotifications`. The stream opens with an
   * `id` and no event: the position it starts at. Send the last `id` you have received, be it that one, as
   * `Last-Event-ID` when you come back, to whichever instance: you get all you have missed, and nothing twice. Without
   * it the stream starts with the next event. Clients that cannot send the header put `lastEventId` into the query. An
   * id that is no whole number is refused with 400; after one that was never given you get your last 100. A comment
   * comes every 15 seconds. The stream ends when the access token expires or the session ends (reissue and come back),
   * and for a client that does not read; of one user's connections the oldest ends when there are more than 20.
   *
   * The same over a WebSocket: `/api/v1/notifications/socket`, frames `{"id", "event", "data"}`, of which the first is
   * `{"id": 1020, "event": "connected"}`. Send `{"accessToken": "…", "lastEventId": 1024}` within 5 seconds, or both as
   * headers. Close code 4400 stands for 400, 4401 for 401, 1013 for 429 and 503.
   */
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The last `id` you have received.',
    schema: { type: 'string', pattern: '^\\d{1,15}$' },
    example: '1024',
  })
  @ApiOkResponse({
    description: 'Events without end.',
    content: { 'text/event-stream': { schema: { type: 'string', example: EXAMPLE } } },
  })
  @Get()
  async streamNotifications(@CurrentUser() user: AuthUser, @Res() reply: FastifyReply): Promise<void> {
    await this.streams.open(user, reply);
  }
}
