export { NotificationsModule } from './notifications.module.js';
export { NotificationSockets } from './socket/notification-sockets.http.js';
